// The line beside each technique on the presenter's desk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Delivery } from '/workshop/presenter/delivery.js';

// What the line says after each step: [seconds, newest sample of the feed, samples counted].
function line(steps, { open = 3, missed = 0, paused = false } = {}) {
  const delivery = new Delivery();
  return steps.map(([second, newest, samples]) => {
    const time = 1000 * second;
    if (newest !== null) delivery.feed({ newest, paused }, time);
    if (samples !== null) delivery.count({ samples, open, missed }, time);
    return delivery.words(time).replace(/, 0 missed$/, '');
  });
}

test('delivered, as samples a second over some seconds', () => {
  const steps = [[1, 10, 30], [2, 12, 36], [3, 14, 42], [4, 15, 43]];
  assert.deepEqual(line(steps).slice(1), ['6/s delivered', '6/s delivered', '4.3/s delivered']);
  assert.equal(line([[1, 1, 0], [2, 60, 60]]).at(-1), '60/s delivered');
});

test('waiting, for as long as samples were published that nobody got', () => {
  const steps = [[1, 10, 30], [2, 12, 36], [3, 14, 36], [4, 16, 36], [5, 18, 36], [8, 20, 36]];
  const said = line(steps);
  assert.deepEqual(said.slice(4), ['waiting 2 s', 'waiting 5 s']);
  assert.equal(line([...steps, [9, 22, 50]]).at(-1), '3.5/s delivered');
});

test('a slow feed is no waiting, whichever comes first: the count of a sample or its news', () => {
  for (const once of [[[5, 11, 33], [5.2, 11, null]], [[5, null, 33], [5.2, 11, null]],
    [[5, 11, null], [5.2, null, 33]]]) {
    const quiet = [6, 7, 8, 9, 10].map((second) => [second, 11, 33]);
    const said = line([[1, 10, 30], [2, 10, 30], [3, 10, 30], [4, 10, 30], ...once, ...quiet]);
    assert.equal(said.some((words) => words.startsWith('waiting')), false, said.join());
    assert.equal(said.at(-1), 'nothing new');
  }
});

test('a feed that is paused, and clients that are not there, are said as such', () => {
  const quiet = [[1, 10, 30], [2, 10, 30]];
  assert.equal(line(quiet, { paused: true }).at(-1), 'feed paused');
  assert.equal(line([[1, 10, 30], [2, 14, 30], [5, 18, 30]], { open: 0 }).at(-1), 'no client connected');
});

test('counters that are reset are no samples, and the next ones count', () => {
  const said = line([[1, 10, 3000], [2, 12, 3006], [3, 14, 6], [4, 16, 12]]);
  assert.deepEqual(said.slice(2), ['6/s delivered', '6/s delivered']);
});

test('missed, as it was announced', () => {
  assert.equal(line([[1, 10, 30], [2, 12, 32]], { missed: 1200 }).at(-1), '2/s delivered, 1\u2009200 missed');
});
