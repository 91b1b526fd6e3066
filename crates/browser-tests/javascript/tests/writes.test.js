// In which pieces bytes left, as /wire tells it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inFull, inShort, inTurn } from '/workshop/wire/writes.js';

const write = (bytes, at, waited = 0) => ({ bytes, at, waited });

test('each unit has its part of the writes', () => {
  const [a, b] = [write(7, 0), write(5, 5)];
  const left = inTurn([a, b]);
  assert.deepEqual(left(2), [{ write: a, bytes: 2 }]);
  assert.deepEqual(left(6), [{ write: a, bytes: 5 }, { write: b, bytes: 1 }]);
  assert.deepEqual(left(4), [{ write: b, bytes: 4 }]);
  assert.deepEqual(left(1), []);
});

test('what nothing was done to needs no words', () => {
  assert.equal(inShort([]), '');
  assert.equal(inShort([write(7, 0, 3)]), '');
  assert.equal(inFull([{ write: write(7, 0, 3), bytes: 7 }]), '');
});

test('delay holds back, slice and throttle leave pieces', () => {
  assert.equal(inShort([write(7, 0, 301)]), 'held back 301 ms');
  assert.equal(inShort([write(7, 0), write(7, 5)]), 'left in 2 pieces over 5 ms');
  const parts = [write(7, 1000, 1200), write(3, 2500, 2700)];
  assert.equal(inFull(parts.map((write) => ({ write, bytes: write.bytes }))),
    'Held back 1.2 s, left in 2 pieces over 1.5 s: 7 bytes · 3 +1.5 s');
});

test('of very many pieces, some are listed', () => {
  const parts = Array.from({ length: 30 }, (_, i) => ({ write: write(1, i), bytes: 1 }));
  assert.match(inFull(parts), / · 1 \+23 ms … and 6 more$/);
});
