import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import {
  Refusal, backoff, delay, endPauses, idleTimeout, pause, retryAfter, withTimeout,
} from '/shared/time.js';

const settled = (promise) => Promise.race([promise.then(() => true, () => true), false]);

test('the bound of a wait doubles up to 8 s, and all of it is jitter', (t) => {
  const bounds = [500, 1000, 2000, 4000, 8000, 8000];
  for (const [random, part] of [[0, 0], [0.5, 0.5], [0.999, 0.999]]) {
    t.mock.method(Math, 'random', () => random);
    bounds.forEach((bound, failures) => assert.equal(backoff(failures), part * bound));
    t.mock.restoreAll();
  }
  assert.ok(backoff(5000) <= 8000);
});

test('what a server asked for comes before the jitter', (t) => {
  t.mock.method(Math, 'random', () => 0.5);
  assert.equal(backoff(0, 7), 7250);
  assert.equal(backoff(0, 0), 250);
  assert.equal(backoff(0), 250);
  assert.equal(backoff(0, 300), 300_250);
  for (const long of [301, 604_800, 1e20, Infinity]) assert.equal(backoff(0, long), 300_250);
});

test('a refusal says its status, and how many seconds to wait', () => {
  const refusal = new Refusal(503, '7');
  assert.equal(refusal.message, 'status 503');
  assert.equal(refusal.retryAfter, 7);
  assert.equal(new Refusal(500, null).retryAfter, 0);
});

test('Retry-After is a number of seconds or one of three dates, and never less than 0', () => {
  const today = Date.UTC(1994, 10, 6, 8, 49, 27);
  const asked = {
    '120': 120, ' 0 ': 0, '99999999999999999999': 1e20,
    'Sun, 06 Nov 1994 08:49:37 GMT': 10,
    'Sunday, 06-Nov-94 08:49:37 GMT': 10,
    'Sun Nov  6 08:49:37 1994': 10,
    'Sun, 06 Nov 1994 08:49:17 GMT': 0,
    '': 0, '-5': 0, '1.5': 0, '1e3': 0, 'NaN': 0, 'Infinity': 0, 'tomorrow': 0, '12:00:00': 0,
  };
  for (const [field, expected] of Object.entries(asked)) {
    assert.equal(retryAfter(field, today), expected, field);
  }
  assert.equal(retryAfter(null, today), 0);
});

test('no timer is given what it takes for 0', (t) => {
  const longest = 2 ** 31 - 1;
  const kept = [[5, 5], [-1, 0], [-3e9, 0], [longest + 1, longest], [Infinity, longest],
    [NaN, 8000], [undefined, 8000]];
  for (const [ms, expected] of kept) assert.equal(delay(ms), expected, String(ms));
  t.mock.method(globalThis, 'setTimeout', () => 0);
  for (const [ms, expected] of kept) {
    pause(ms, new AbortController().signal);
    assert.equal(setTimeout.mock.calls.at(-1).arguments[1], expected, String(ms));
  }
});

test('a pause ends by its time, by its signal, and when somebody hurries', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const leaving = new AbortController();
  const [byTime, bySignal, byEnd] = [1000, 10_000, 10_000]
    .map((ms, index) => pause(ms, index === 1 ? leaving.signal : new AbortController().signal));
  mock.timers.tick(999);
  assert.equal(await settled(byTime), false);
  mock.timers.tick(1);
  await byTime;
  leaving.abort();
  await bySignal;
  assert.equal(await settled(byEnd), false);
  endPauses();
  await byEnd;
  await pause(10_000, leaving.signal); // aborted before
  mock.timers.reset();
});

test('withTimeout gives what came in time, and otherwise says how long it waited', async () => {
  assert.equal(await withTimeout(1000, Promise.resolve('here')), 'here');
  await assert.rejects(withTimeout(1000, Promise.reject(new Error('no'))), /^Error: no$/);
  mock.timers.enable({ apis: ['setTimeout'] });
  const late = withTimeout(40_000, new Promise(() => {}));
  mock.timers.tick(40_000);
  await assert.rejects(late, /^Error: 40 s of silence$/);
  mock.timers.reset();
});

test('silence counts from the last sign of life', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const reject = mock.fn();
  const alive = idleTimeout(1000, reject);
  for (let sign = 0; sign < 5; sign++) {
    mock.timers.tick(999);
    alive();
  }
  assert.equal(reject.mock.callCount(), 0);
  mock.timers.tick(1000);
  assert.equal(reject.mock.calls[0].arguments[0].message, '1 s of silence');
  mock.timers.reset();
});
