// A WebSocket and nothing else: no line here reconnects.
import { Bare } from '/shared/bare.js';

const page = new Bare();
const socket = new WebSocket('/chat', ['chat']);

page.saw('request', socket, 'new WebSocket(url)');
socket.onopen = () => page.saw('opened', socket, 'open');
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.id) page.sample(message);
};
socket.onclose = ({ code }) => page.saw('failed', socket, `close ${code}`);
