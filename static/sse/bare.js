// An EventSource and nothing else: no line here reconnects.
import { Bare } from '/shared/bare.js';

const page = new Bare(['connecting', 'open', 'closed']);
const source = new EventSource('/api/v1/live-data');

page.saw('request', source, 'new EventSource(url)');
source.onopen = () => page.saw('opened', source, 'open');
source.onmessage = ({ data }) => page.sample(JSON.parse(data));
source.onerror = () => page.saw('failed', source, 'error');
