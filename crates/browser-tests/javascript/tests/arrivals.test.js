// With which cursor a page resumes whose samples overtake each other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals } from '../../../../static/webtransport/arrivals.js';

// What is new of these samples, and the cursor after each.
function arrive(lane, ids) {
  const arrivals = new Arrivals(lane);
  return ids.map((id) => [arrivals.add(id), arrivals.cursor]);
}

test('on streams, the cursor waits for the one that is missing', () => {
  assert.deepEqual(arrive('streams', ['a-7', 'a-9', 'a-10', 'a-8', 'a-9']), [
    [true, 'a-7'], [true, 'a-7'], [true, 'a-7'], [true, 'a-10'], [false, 'a-10']]);
});

test('a lost datagram never comes: the cursor is the newest', () => {
  assert.deepEqual(arrive('datagrams', ['a-7', 'a-9', 'a-8', 'a-8']), [
    [true, 'a-7'], [true, 'a-9'], [true, 'a-9'], [false, 'a-9']]);
});

test('the first may be overtaken, too, and is new', () => {
  assert.deepEqual(arrive('streams', ['a-8', 'a-7', 'a-9']), [
    [true, 'a-8'], [true, 'a-8'], [true, 'a-9']]);
});

test('of another run, nothing is old', () => {
  assert.deepEqual(arrive('streams', ['a-7', 'b-1', 'b-2']), [
    [true, 'a-7'], [true, 'b-1'], [true, 'b-2']]);
});

test('what was announced as gone is not waited for', () => {
  const arrivals = new Arrivals('streams');
  assert.equal(arrivals.cursor, '');
  for (const id of ['a-7', 'a-12']) arrivals.add(id);
  arrivals.skip('a-10');
  assert.equal(arrivals.cursor, 'a-10');
  arrivals.add('a-11');
  assert.equal(arrivals.cursor, 'a-12');
  arrivals.skip('a-9');
  assert.equal(arrivals.cursor, 'a-12');
  arrivals.skip('b-4');
  assert.equal(arrivals.cursor, 'b-4');
});
