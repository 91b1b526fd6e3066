// What is counted of a page's samples, and how a technique's own page shows it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '/shared/clock.js';
import { Score } from '/shared/score.js';
import { Tally } from '/shared/tally.js';
import { now } from '/shared/time.js';

const NAMES = ['delivered', 'missed', 'duplicated', 'requests', 'empty', 'connections', 'p50', 'p99'];
const clock = (offset = 0, error = 1) => ({ estimate: { offset, error }, local: (at) => at - offset });
const sample = (id, at = 0, time = at) => ({ type: 'sample', time, sample: { id, at } });

// What the page shows after these events.
function shown(events, time = clock()) {
  const cells = Object.fromEntries(NAMES.map((name) => [name,
    { value: { textContent: '' }, error: { textContent: '' } }]));
  const score = new Score(cells, time);
  for (const event of events) score.add(event);
  score.render();
  return Object.fromEntries(NAMES.map((name) => [name, cells[name].value.textContent]));
}

function tallied(events, time = clock()) {
  const tally = new Tally(time);
  for (const event of events) tally.add(event);
  return tally;
}

const COUNTED = [
  ['in order', ['a-1', 'a-2', 'a-3'], { delivered: 3, missed: 0, duplicated: 0 }],
  ['begins late', ['a-70', 'a-71'], { delivered: 2, missed: 0, duplicated: 0 }],
  ['one twice', ['a-1', 'a-2', 'a-2'], { delivered: 2, missed: 0, duplicated: 1 }],
  ['all again', ['a-1', 'a-2', 'a-1', 'a-2', 'a-3'], { delivered: 3, missed: 0, duplicated: 2 }],
  ['a hole that nobody told', ['a-1', 'a-5'], { delivered: 2, missed: 3, duplicated: 0 }],
  ['another run', ['a-8', 'b-1', 'b-2'], { delivered: 3, missed: 0, duplicated: 0 }],
  ['a run with a dash', ['a-b-8', 'a-b-9'], { delivered: 2, missed: 0, duplicated: 0 }],
];
for (const [what, ids, expected] of COUNTED) {
  test(`counted and shown: ${what}`, () => {
    const events = ids.map((id) => sample(id));
    const { delivered, missed, duplicated } = tallied(events);
    assert.deepEqual({ delivered, missed, duplicated }, expected);
    for (const [name, count] of Object.entries(expected)) {
      assert.equal(shown(events)[name], String(count), name);
    }
  });
}

test('one that was overtaken is delivered out of order, and no longer missed', () => {
  const { delivered, missed, duplicated, outOfOrder } = tallied(
    ['a-1', 'a-4', 'a-2', 'a-4', 'a-2', 'a-6'].map((id) => sample(id)));
  assert.deepEqual({ delivered, missed, duplicated, outOfOrder },
    { delivered: 4, missed: 2, duplicated: 2, outOfOrder: 1 });
});

test('the first of a run may be overtaken, too', () => {
  const { delivered, missed, duplicated, outOfOrder } = tallied(
    ['a-15', 'a-14', 'a-16', 'a-14', 'a-15'].map((id) => sample(id)));
  assert.deepEqual({ delivered, missed, duplicated, outOfOrder },
    { delivered: 3, missed: 0, duplicated: 2, outOfOrder: 1 });
});

test('a gap is counted once, and what comes after it is no hole', () => {
  const events = [sample('a-1'), { type: 'gap', gap: { id: 'a-9', missed: 8 } }, sample('a-10')];
  assert.equal(tallied(events).missed, 8);
  assert.equal(tallied(events).newest, 10);
  assert.equal(shown(events).missed, '8');
});

test('latency is corrected by the clock, and without what was published before the start', () => {
  const events = [{ type: 'started', time: 1000 }, sample('a-1', 900, 5000),
    ...Array.from({ length: 100 }, (_, index) => sample(`a-${index + 2}`, 2000, 2000.5 + index + 1))];
  assert.equal(tallied(events).latency(0.5), 50);
  assert.equal(tallied(events).latency(0.99), 99);
  assert.equal(tallied(events, clock(-10)).latency(0.5), 40);
  assert.equal(tallied(events, clock(-1000)).latency(0.5), 0); // never less than nothing
  const { p50, p99 } = shown(events);
  assert.deepEqual([p50, p99], ['50 ms', '99 ms']);
  assert.equal(shown(events, clock(-1000)).p50, '<1 ms');
  assert.equal(shown([sample('a-1', 20_000, 21_000.5)], clock(8000)).p50, '9.00 s');
  assert.equal(shown([sample('a-1', 20_000, 21_000.5)], clock(9000)).p50, '10.0 s');
});

test('latency is of the newest 2000 samples', () => {
  const late = Array.from({ length: 100 }, (_, index) => sample(`a-${index + 1}`, 0, 5000.5));
  const soon = Array.from({ length: 1900 }, (_, index) => sample(`a-${index + 101}`, 0, 10.5));
  assert.equal(tallied([...late, ...soon]).latency(0.99), 5000);
  const more = Array.from({ length: 80 }, (_, index) => sample(`a-${index + 2001}`, 0, 10.5));
  assert.equal(tallied([...late, ...soon, ...more]).latency(0.99), 10);
  assert.equal(tallied([...late, ...soon, ...more]).delivered, 2080);
});

test('without an estimate of the clock there is no latency', () => {
  const unknown = clock(0, Infinity);
  assert.equal(tallied([sample('a-1')], unknown).latency(0.5), undefined);
  assert.equal(tallied([]).latency(0.5), undefined);
  assert.equal(shown([sample('a-1')], unknown).p50, '–');
});

test('requests, empty responses and connections of a stream', () => {
  const request = { type: 'request', url: '/stream' };
  const { requests, empty, connections } = shown([request, { type: 'opened' }, { type: 'ended' },
    request, { type: 'opened' }, { type: 'failed' }, { type: 'opened' }]);
  assert.equal(requests, '3', 'an EventSource asks again without telling');
  assert.equal(empty, '–', 'a stream has no empty answer');
  assert.equal(connections, '2', 'one that ended properly leaves its connection to the next');
});

test('an empty answer to a poll', () => {
  const responses = [{ type: 'response', samples: 0 }, { type: 'response', samples: 2 }];
  assert.equal(shown(responses).empty, '1');
});

// A server whose clock is `ahead`, with responses that take so long each way.
function server(t, ahead, trips) {
  let time = 1e12;
  t.mock.method(performance, 'now', () => time - performance.timeOrigin);
  const take = trips.map((trip) => async () => {
    time += trip;
    const at = Math.floor(time + ahead);
    time += trip;
    return { json: async () => ({ now: at }) };
  });
  t.mock.method(globalThis, 'fetch', () => take.shift()());
}

test('the clock trusts the fastest answer, and says how wrong it may be', async (t) => {
  const real = new Clock();
  assert.equal(real.estimate.error, Infinity);
  server(t, 5000, [40, 90, 3, 20, 60]);
  const early = real.estimate;
  await real.measure();
  assert.ok(Math.abs(real.estimate.offset - 5000) <= real.estimate.error);
  assert.equal(Math.round(real.estimate.error), 4);
  assert.equal(early, real.estimate, 'what was kept early is corrected');
  assert.ok(Math.abs(real.local(now() + 5000) - now()) <= real.estimate.error + 0.5);
});

test('a new measurement replaces the old one, which stays as it was', async (t) => {
  const real = new Clock();
  server(t, 0, [1, 1, 1, 1, 1, 50, 50, 50, 50, 50]);
  await real.measure();
  const first = real.estimate;
  await real.measure();
  assert.notEqual(real.estimate, first);
  assert.equal(Math.round(first.error), 2);
  assert.equal(Math.round(real.estimate.error), 51);
});
