// The whiteboard's page, when the board is full: it asks less and less often.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { anything } from '../anything.js';

mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
mock.method(Math, 'random', () => 0.99);
const keys = new EventTarget(); // where the keyboard draws
const canvas = new Proxy(anything, {
  get: (_, name) => (name === 'addEventListener' ? keys.addEventListener.bind(keys) : anything[name]),
});
const sockets = [];
Object.assign(globalThis, {
  document: { documentElement: anything, body: anything, createElement: () => anything, referrer: '',
    querySelector: (selector) => (selector === '#board' ? canvas : anything) },
  parent: {}, // the page is a frame's
  matchMedia: () => new EventTarget(),
  sessionStorage: anything,
  getComputedStyle: () => anything,
  EventSource: { CONNECTING: 0 },
  requestAnimationFrame: (next) => next(),
  WebSocket: class {
    static OPEN = 1;
    readyState = 1;
    sent = [];

    constructor() {
      sockets.push(this);
    }

    send(text) {
      this.sent.push(JSON.parse(text));
    }

    close() {
      this.readyState = 3;
    }
  },
});

const say = (message) => sockets.at(-1).onmessage({ data: JSON.stringify(message) });
const press = (key) => keys.dispatchEvent(Object.assign(new Event('keydown'), { key }));

// Milliseconds from the end of a connection to the next one.
function wait() {
  const { length } = sockets;
  sockets.at(-1).onclose({ reason: 'the board is full' });
  for (let ms = 0; ms <= 8000; ms += 100) {
    if (sockets.length > length) return ms;
    mock.timers.tick(100);
  }
  return assert.fail('no other connection');
}

test('a page that a full board turns away waits longer each time, until its ink is taken', async () => {
  await import('/whiteboard/client.js');
  press(' ');
  const waits = [];
  for (let failures = 0; failures < 4; failures++) {
    say({ welcome: { pen: 1, acknowledged: 0 } });
    assert.deepEqual(sockets.at(-1).sent.map(({ number }) => number), [1], 'it sends its ink again');
    waits.push(wait());
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000]);
  say({ welcome: { pen: 1, acknowledged: 0 } });
  say({ acknowledged: 1 });
  assert.equal(wait(), 500);
});
