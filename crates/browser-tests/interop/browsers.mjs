// Which browser has what since when, as a table of Markdown, from MDN's data. The notes have this
// table; tests/interop compares them. Run it: node crates/browser-tests/interop/browsers.mjs
import { createRequire } from 'node:module';

const data = createRequire(import.meta.url)('@mdn/browser-compat-data');
const BROWSERS = { chrome: 'Chrome', edge: 'Edge', firefox: 'Firefox', safari: 'Safari', safari_ios: 'iOS' };
// Where MDN's data has each of them.
const APIS = {
  '`EventSource`': 'EventSource',
  '`WebSocket`': 'WebSocket',
  'streams of `fetch`': 'Response.body',
  'data channels of WebRTC': 'RTCDataChannel',
  'Web Push': 'PushManager',
  'WebTransport': 'WebTransport',
  '`WebSocketStream`': 'WebSocketStream',
};

function since(browser, api) {
  const support = api.split('.').reduce((found, name) => found[name], data.api).__compat.support[browser];
  // Of several entries, the first is the newest: the standard's form, without a prefix.
  const version = [support].flat()[0].version_added;
  return version ? `${version} (${data.browsers[browser].releases[version].release_date.slice(0, 4)})` : 'no';
}

const row = (cells) => `| ${cells.join(' | ')} |`;
console.log(row(['', ...Object.values(BROWSERS)]));
console.log(`|${'---|'.repeat(1 + Object.keys(BROWSERS).length)}`);
for (const [name, api] of Object.entries(APIS)) {
  console.log(row([name, ...Object.keys(BROWSERS).map((browser) => since(browser, api))]));
}
const { version, timestamp } = data.__meta;
console.log(`\n\`browser-compat-data\` ${version}, of ${timestamp.slice(0, 10)}`);
