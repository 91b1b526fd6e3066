// What a card waits for, and what it then says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { now } from '/shared/time.js';
import { missed, pollsAgain, resumed } from '/workshop/gallery/observers.js';
import { Evidence } from '/workshop/lib/evidence.js';
import { late } from '/workshop/lib/observers-cost.js';
import { lump, silence } from '/workshop/lib/observers.js';

// Evidence of SSE, and a hub that tells it of effects.
function evidence() {
  const handlers = new Map();
  const live = { on: (type, handler) => handlers.set(type, handler), send: () => true };
  const clock = { estimate: { offset: 0, error: 1 }, local: (at) => at };
  const seen = new Evidence(live, 'sse', clock);
  return { seen, room: (...effects) => handlers.get('room')({ effects }) };
}

test('an application says itself what it missed', async () => {
  const { seen } = evidence();
  const time = now();
  const log = missed(seen);
  seen.add({ type: 'behind', time: time + 10, application: 'log', missed: 1500 });
  assert.equal(await log, 'The page was told that it missed 1500 lines.');
  const stock = resumed('stock')(seen, () => {});
  seen.add({ type: 'lost', time: time + 20, application: 'stock' });
  seen.add({ type: 'closed', time: time + 21, how: 'cut' });
  await null;
  seen.add({ type: 'resumed', time: time + 1020, application: 'stock', missed: 2, doubled: 1 });
  assert.match(await stock, /: 2 missed, 1 twice\.$/);
});

test('of two alike, the presenter’s effect is told of', () => {
  const { seen, room } = evidence();
  const [mine, theirs] = ['you', 'presenter'].map((by) => ({ effect: 'stall', by }));
  for (const effects of [[mine, theirs], [theirs, mine]]) {
    room(...effects);
    assert.equal(seen.active('stall').by, 'presenter');
  }
  room(mine);
  assert.equal(seen.active('stall').by, 'you');
  room({ ...theirs, technique: 'websocket' });
  assert.equal(seen.active('stall'), undefined);
});

for (const [what, before, expected] of [
  ['nothing', [], /^5 samples were 605 ms late, by their median: 0 missed, 0 duplicated\.$/],
  ['calm samples', [1, 2, 3],
    /^The median of 2 samples before was 7 ms late; that of the 5 since is 605 ms: 0 missed, /],
]) {
  test(`how late samples are, after ${what}`, async () => {
    const { seen, room } = evidence();
    const start = now();
    const sample = (seq, time, delay) => seen.add({ type: 'sample', time,
      sample: { id: `a-${seq}`, seq, at: time - delay } });
    const said = late(seen, () => {});
    for (const seq of before) sample(seq, start - 1000 + 100 * seq, 7);
    room({ effect: 'delay', by: 'you' });
    await null; // the observer saw it begin
    for (let seq = 4; seq < 9; seq++) sample(seq, now() + seq, 605);
    assert.match(await said, expected);
  });
}

test('a buffered stream may be silent for longer than a minute before its block comes', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { seen, room } = evidence();
  const said = lump(seen, () => {});
  room({ effect: 'buffer', by: 'presenter' });
  await null; // the observer saw it begin
  t.mock.timers.tick(61_000);
  const time = now() + 1;
  for (const seq of [1, 2, 3]) {
    seen.add({ type: 'sample', time, sample: { id: `a-${seq}`, seq, at: time - 9000 + 1000 * seq } });
  }
  await null;
  t.mock.timers.tick(400);
  assert.match(await said, /^3 samples, published over 2\.0 s, arrived within 0 ms\. .*: 0 missed/);
});

test('a card is not ticked by what another effect did', async () => {
  const stalled = async (meanwhile, reason = '40 s of silence') => {
    const { seen, room } = evidence();
    const said = silence(seen, () => {});
    room({ effect: 'stall', by: 'you' });
    await null; // the observer saw it begin
    const time = now() + 16_000;
    meanwhile(seen, room, time);
    seen.add({ type: 'failed', time, reason });
    return said;
  };
  const closed = (how) => (seen, room, time) => seen.add({ type: 'closed', time, how });
  assert.match(await stalled(closed('client')), /^\d+(\.\d)? s without a byte, then the page gave up: /);
  // The workshop was ended.
  assert.match(await stalled(() => {}, 'connection lost'), /^\d+(\.\d)? s without a byte, then the connection ended: /);
  assert.equal(await stalled(closed('refuse')), undefined);
  const refused = await stalled((seen, room, time) => {
    room({ effect: 'stall', by: 'you' }, { effect: 'refuse', by: 'presenter' });
    closed('client')(seen, room, time);
  });
  assert.deepEqual(refused, { why: 'Another effect was on at the same time. Try it again.' });
});

test('a poll that the browser repeats by itself is seen, though the page is told nothing', async () => {
  for (const [told, words] of [
    [[], 'Polls again after 4 ms: the browser by itself, and the page was told nothing.'],
    [[{ type: 'lost', application: 'mail' }], 'Polls again after 4 ms: the page did.'],
  ]) {
    const { seen } = evidence();
    const observed = pollsAgain(seen, () => {});
    const [time, target] = [now() + 1, '/mail/letters?after=1'];
    for (const event of [...told,
      { type: 'closed', how: 'cut', target: '/answer/', closed: 99 },
      { type: 'closed', how: 'cut', target, closed: 100 },
      { type: 'connection', target, opened: 104 }]) seen.add({ time, ...event });
    assert.equal(await observed, words);
  }
});
