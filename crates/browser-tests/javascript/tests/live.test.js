// A presenter's page and its commands.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

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
const { live } = await import('/workshop/lib/live.js');

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
