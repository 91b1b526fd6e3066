// A presenter's page and its commands.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

globalThis.location = /** @type {any} */ (new URL('http://workshop.test/presenter'));
mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
let socket;
globalThis.WebSocket = /** @type {any} */ (class {
  static OPEN = 1;
  readyState = 0;
  sent = [];

  constructor() {
    socket = this;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {}
});
// Node waits for a channel that is open.
globalThis.BroadcastChannel = class extends BroadcastChannel {
  constructor(name) {
    super(name);
    this.unref();
  }
};
const { Live, live } = await import('/workshop/lib/live.js');

test('a command before the first room is said to be not done, and one after it is sent', () => {
  const errors = [];
  live.on('error', (error) => errors.push(error));
  assert.equal(live.send({ off: true }), false);
  socket.readyState = 1;
  socket.onopen();
  assert.equal(live.send({ off: true }), false);
  assert.deepEqual(errors, ['this page is still connecting: press again']);
  assert.equal(live.send({ watch: { accounts: true } }), true);
  socket.onmessage({ data: JSON.stringify({ room: { now: 1 } }) });
  assert.equal(live.send({ off: true }), true);
  assert.equal(errors.length, 1);
  assert.deepEqual(socket.sent.map((message) => message.command?.ask ?? message),
    [{ watch: { accounts: true } }, { off: true }]);
  dispatchEvent(new Event('pagehide'));
});

test('a message that came before its handler is not lost, and waits until the script has run', async () => {
  const seen = [];
  socket.onmessage({ data: JSON.stringify({ connection: { id: 1 } }) });
  live.on('connection', ({ id }) => seen.push(id));
  live.on('room', ({ now }) => seen.push(`room ${now}`));
  assert.deepEqual(seen, []);
  await Promise.resolve();
  socket.onmessage({ data: JSON.stringify({ connection: { id: 2 } }) });
  live.on('connection', ({ id }) => seen.push(-id)); // the first one has it already
  await Promise.resolve();
  assert.deepEqual(seen, [1, 'room 1', 2]);
});

test('a key that was entered in another window counts here at once', async () => {
  let status = 403;
  globalThis.fetch = /** @type {any} */ (async () => ({ status }));
  const page = new Live();
  const lost = [];
  page.on('lost', (why) => lost.push(why));
  await setImmediate();
  const first = socket;
  first.onclose();
  while (lost.at(-1) !== 'locked') await setImmediate();
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  assert.equal(socket, first, 'it waits');
  status = 200;
  const other = new BroadcastChannel('key-entered');
  other.postMessage(null);
  while (socket === first) await setImmediate();
  dispatchEvent(new Event('pagehide'));
});
