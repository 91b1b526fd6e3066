// The hub's pages stay connected, whatever happens to them, and whatever their own parts do.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { stayConnected } from '/workshop/lib/stay-connected.js';

let reported;
beforeEach(() => {
  reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  mock.method(Math, 'random', () => 1); // no jitter: the whole bound is waited out
});
afterEach(() => {
  dispatchEvent(new Event('pagehide')); // whatever the test left running
  mock.timers.reset();
  mock.restoreAll();
});

// Connections, each ended by the test, or by its signal.
function connections() {
  const all = [];
  stayConnected((signal, resetBackoff) => new Promise((resolve, reject) => {
    all.push({ signal, resetBackoff, end: resolve, fail: reject });
    signal.addEventListener('abort', resolve);
  }));
  return all;
}

async function pass(ms) {
  await turn();
  mock.timers.tick(ms);
  await turn();
}

test('waits grow until the other side says something', async () => {
  const all = connections();
  for (const wait of [500, 1000, 2000, 4000, 8000, 8000]) {
    const before = all.length;
    all.at(-1).end();
    await pass(wait - 1);
    assert.equal(all.length, before, `not before ${wait} ms`);
    await pass(1);
    assert.equal(all.length, before + 1, `after ${wait} ms`);
  }
  all.at(-1).resetBackoff();
  all.at(-1).end();
  await pass(500);
  assert.equal(all.length, 8);
});

test('what fails in a connection is reported, and the next one follows', async () => {
  const all = connections();
  all[0].fail(new ReferenceError('connected is not defined'));
  await pass(500);
  assert.equal(all.length, 2);
  assert.deepEqual(reported, ['connected is not defined']);
  let tries = 0;
  stayConnected(() => {
    tries++;
    throw new Error('before it was a promise');
  });
  await pass(500);
  assert.equal(tries, 2);
});

test('no connection in the back/forward cache, one after it', async () => {
  const all = connections();
  dispatchEvent(new Event('pagehide'));
  assert.ok(all[0].signal.aborted);
  await pass(60_000);
  assert.equal(all.length, 1);
  dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  await pass(1000);
  assert.equal(all.length, 2);
  assert.ok(!all[1].signal.aborted, 'the time in the cache was no sleep');
});

test('a page that is shown for the first time connects once', async () => {
  const all = connections();
  dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
  await pass(0);
  assert.equal(all.length, 1);
});

test('after sleep it connects at once, also out of a wait', async () => {
  const all = connections();
  await pass(1000);
  mock.timers.setTime(Date.now() + 3_600_000);
  await pass(1000);
  assert.ok(all[0].signal.aborted);
  assert.equal(all.length, 2);
  for (let failure = 0; failure < 4; failure++) {
    all.at(-1).end();
    await pass(8000);
  }
  all.at(-1).end();
  await turn();
  const before = all.length;
  mock.timers.setTime(Date.now() + 3_600_000);
  await pass(1000);
  assert.equal(all.length, before + 1);
});

test('a hidden page that ticks once a minute was not asleep', async () => {
  const all = connections();
  document.hidden = true;
  await pass(1000);
  mock.timers.setTime(Date.now() + 60_000);
  await pass(1000);
  document.hidden = false;
  assert.ok(!all[0].signal.aborted);
});

test('when the network is back, it connects anew', async () => {
  const all = connections();
  dispatchEvent(new Event('online')); // it was never away
  assert.ok(!all[0].signal.aborted);
  dispatchEvent(new Event('offline'));
  dispatchEvent(new Event('online'));
  await pass(0);
  assert.equal(all.length, 2);
});

test('the line to the hub outlives a handler that throws', async () => {
  const sockets = [];
  globalThis.WebSocket = class {
    static OPEN = 1;
    readyState = 1;
    constructor() { sockets.push(this); }
    close() { this.readyState = 3; }
  };
  const { live } = await import('/workshop/lib/live.js');
  const told = [];
  live.on('room', () => assert.fail('broken'));
  live.on('room', (room) => told.push(room));
  live.on('lost', () => assert.fail('broken'));
  live.on('lost', (lost) => told.push(lost));
  await Promise.resolve();
  sockets[0].onmessage({ data: '{"room":1}' });
  sockets[0].onclose();
  await pass(500);
  assert.equal(sockets.length, 2);
  await pass(30_000); // not a word
  assert.equal(sockets[1].readyState, 3);
  assert.deepEqual(told, [1, 'silent', 'silent']);
  assert.deepEqual(reported, ['broken', 'broken', 'broken']);
});
