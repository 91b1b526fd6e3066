// How pages say counts, the time of a talk and effects.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockTime } from '/shared/format.js';
import { does } from '/workshop/lib/effects.js';
import { devices, letters } from '/workshop/lib/join.js';
import { cursor, median } from '/workshop/lib/observing.js';
import { hardest, isOver, nextPlace, revealed, total } from '/workshop/quiz/outcomes.js';
import { score, votes } from '/workshop/quiz/sheet.js';
import { ahead, pace } from '/workshop/slides/speaker-clock.js';
import { Path } from '/workshop/slides/speaker-path.js';
import { fromHex, plain } from '/workshop/wire/bytes.js';

// Browsers have it; Node.js before 21 has not.
Map.groupBy ??= (items, keyOf) => items.reduce((groups, item) => {
  const key = keyOf(item);
  return groups.set(key, [...groups.get(key) ?? [], item]);
}, new Map());

test('counts and addresses', () => {
  assert.deepEqual([0, 1, 2].map(votes), ['0 answers', '1 answer', '2 answers']);
  assert.deepEqual([[0, 0], [0, 1], [1, 0], [1, 1], [1, 2], [2, 0]].map((counts) =>
    score({ right: [0], counts })),
  ['Nobody answered.', '0 of 1 right.', '1 of 1 right.', '1 of 2 right.', '1 of 3 right.', '2 of 2 right.']);
  assert.deepEqual([0, 1, 3].map(devices), ['No devices are in the workshop yet',
    '1 device is in the workshop', '3 devices are in the workshop']);
  assert.equal(letters('http://192.0.2.7:3000/'), '192.0.2.7:3000');
  assert.deepEqual([median([3, 1, 2]), median([1]), median([])], [2, 1, undefined]);
  assert.deepEqual(['/stream?after=a-7', '/stream'].map(cursor), ['a-7', undefined]);
  assert.equal(plain(fromHex('474554')), 'GET');
});

test('the time of a talk', () => {
  assert.deepEqual([0, 59_999, 60_000, 3_723_000].map(clockTime), ['0:00', '0:59', '1:00', '62:03']);
  assert.deepEqual([0, 29_000, -29_000, 60_000, -130_000].map(pace),
    ['On time', 'On time', 'On time', '1 min ahead', '2 min behind']);
});

test('the quiz goes on to what is not revealed, and then it is over', () => {
  const outcome = (correct) => ({ right: [0], correct });
  const results = { question: null, last: 0, asked: ['a', 'b', 'c'], answered: [4, 0, 2], outcomes: [null, null, null] };
  assert.deepEqual([nextPlace(results), isOver(results)], [0, false]);
  // The third was asked first: after the second, nothing is left.
  Object.assign(results, { last: 2, outcomes: [outcome(3), null, outcome(1)] });
  assert.deepEqual([nextPlace(results), isOver(results)], [-1, true]);
  assert.equal(isOver({ ...results, question: { number: 2 } }), false);
  assert.equal(isOver({ ...results, last: 1 }), false);
  const list = revealed(results);
  assert.deepEqual(hardest(list).map(({ id }) => id), ['c', 'a']);
  assert.equal(total(list), '4 of 6 right');
});

test('a slide may take its time', () => {
  const after = (onSlide, before) => ahead({ begins: 120_000, duration: 30_000, onSlide, spent: before + onSlide });
  // On time, early and late when it began.
  assert.deepEqual([0, 30_000, 50_000].map((ms) => after(ms, 120_000)), [0, 0, -20_000]);
  assert.deepEqual([0, 30_000, 50_000].map((ms) => after(ms, 90_000)), [30_000, 30_000, 10_000]);
  assert.equal(after(30_000, 140_000), -20_000);
});

test('a path stops at some slides, which share the minutes of their chapter', () => {
  const all = ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'].map((id) => ({ id, dataset: { chapter: id[0], seconds: 0 } }));
  const [a1, a2, b1, b2, c1, c2] = all;
  const path = new Path(all, ({ id }) => ['a1', 'c1', 'c2'].includes(id), { a: 2, b: 9, c: 3 });
  assert.deepEqual(all.map((slide) => path.stopsAt(slide)), [true, false, false, false, true, true]);
  assert.deepEqual([a1, a2, b1, c2].map((slide) => path.neighbour(slide, 'next')), [c1, c1, c1, undefined]);
  assert.deepEqual([a1, b2, c2].map((slide) => path.neighbour(slide, 'previous')), [undefined, a1, c1]);
  assert.deepEqual(['first', 'last'].map((where) => path.neighbour(b1, where)), [a1, c2]);
  assert.equal(path.between(a1, c1), 3);
  assert.deepEqual(all.map((slide) => path.before(slide)), [0, 120_000, 120_000, 120_000, 120_000, 210_000]);
  assert.deepEqual([a1, b1, c1].map((slide) => path.duration(slide)), [120_000, 0, 90_000]);
  assert.deepEqual([path.total(), path.total('b'), path.total('c')], [300_000, 0, 180_000]);
});

test('a slide with more to say and to do has more of the minutes', () => {
  const all = [['a1', 18], ['a2', 78]].map(([id, seconds]) => ({ id, dataset: { chapter: 'a', seconds } }));
  const path = new Path(all, () => true, { a: 5 });
  assert.deepEqual(all.map((slide) => path.duration(slide)), [60_000, 240_000]);
});

test('effects in words, one clause for what is alike', () => {
  const all = ['short-poll', 'long-poll', 'http-stream', 'sse', 'websocket'];
  assert.equal(does([{ effect: 'cut', technique: null }]), 'cuts all five techniques');
  assert.equal(does(all.map((technique) => ({ effect: 'cut', technique }))), 'cuts all five techniques');
  assert.equal(does([{ effect: 'delay', technique: 'sse', ms: 300, jitter: 0, left: 7 },
    { effect: 'delay', technique: 'websocket', ms: 300, jitter: 0, left: 9 },
    { effect: 'stall', technique: 'long-poll', client: '192.0.2.7' }]),
  'delays all bytes of Server-sent events, WebSocket by 300 ms; stalls Long polling, without an error (192.0.2.7)');
  assert.equal(does([{ effect: 'new', technique: 'sse' }]), 'does “new” to Server-sent events');
});
