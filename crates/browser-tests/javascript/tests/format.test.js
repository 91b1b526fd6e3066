// How numbers, sizes and times are written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  dayAndTime, duration, formatBytes, formatNumber, latency, percent, roundTrip, seconds, timeOfDay,
  timeToTheSecond, unbroken, wholeSeconds,
} from '/shared/format.js';

test('a time that is counted has one decimal and is never less than nothing', () => {
  assert.deepEqual([0, 49, 50, 1234, 100_000, -5].map(seconds),
    ['0.0 s', '0.0 s', '0.1 s', '1.2 s', '100.0 s', '0.0 s']);
});

test('a time of another day has its day', () => {
  const at = new Date(2026, 10, 26, 18, 3);
  assert.equal(dayAndTime(at.getTime(), new Date(2026, 10, 26, 20, 0)), '18:03');
  assert.equal(dayAndTime(at.getTime(), new Date(2026, 10, 27, 9, 0)), '26 Nov, 18:03');
});

test('no line ends between a number and its unit', () => {
  assert.equal(unbroken('comes back in 2 to 6 s, 5 samples, 1 % of 4 MB'),
    'comes back in 2 to 6\u00a0s, 5 samples, 1\u00a0% of 4\u00a0MB');
});

test('durations and latencies', () => {
  assert.deepEqual([0.4, 12, 999, 1000, 12_345].map(duration),
    ['0 ms', '12 ms', '999 ms', '1.0 s', '12.3 s']);
  assert.deepEqual([undefined, 0.9, 1, 999, 1000, 9949, 9950].map(latency),
    ['–', '<1 ms', '1 ms', '999 ms', '1.00 s', '9.95 s', '9.9 s']);
});

test('numbers, sizes and shares', () => {
  assert.deepEqual([0, 999, 1000, 1_234_567].map(formatNumber),
    ['0', '999', '1\u2009000', '1\u2009234\u2009567']);
  assert.deepEqual([0, 1, 1000].map(formatBytes), ['0 bytes', '1 byte', '1\u2009000 bytes']);
  assert.deepEqual([[1, 0], [0, 9], [1, 1000], [1, 3], [3, 3]].map(([part, whole]) =>
    percent(part, whole)), ['–', '0 %', '<1 %', '33 %', '100 %']);
});

test('a time of the day is that of this device, to the tenth of a second', () => {
  const time = new Date(2026, 10, 26, 9, 5, 7, 890).getTime();
  assert.equal(timeOfDay(time + 0.7), '09:05:07.8');
});

test('a countdown is in whole seconds, and ends at 0', () => {
  assert.deepEqual([30_000, 1499, 500, 0, -5].map(wholeSeconds), ['30 s', '1 s', '1 s', '0 s', '0 s']);
});

test('a time of the day has a tenth where it matters', () => {
  const time = new Date(2026, 0, 2, 13, 4, 5, 678).getTime();
  assert.deepEqual([timeToTheSecond(time), timeOfDay(time)], ['13:04:05', '13:04:05.6']);
});

test('a round trip has tenths of a millisecond', () => {
  assert.deepEqual([0.04, 0.44, 12].map(roundTrip), ['0.0 ms', '0.4 ms', '12.0 ms']);
});
