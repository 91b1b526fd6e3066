// What a rehearsal says: of the slides that were shown, and of the others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Path } from '/workshop/slides/speaker-path.js';
import { compare, notShown, overrun, proposed, shown, sums } from '/workshop/slides/speaker-rehearsal.js';

const MINUTE = 60_000;
const all = ['welcome/1', 'sse/1', 'sse/2', 'choosing/1', 'closing/1', 'closing/2']
  .map((id) => /** @type {any} */ ({ id, dataset: { paths: id === 'sse/2' ? 'long' : 'long short' } }));
const path = /** @type {any} */ ({ stopsAt: () => true, duration: () => MINUTE });
const ids = (rows) => rows.map(({ slide }) => slide.id);

test('what is planned for the slides is whole seconds, and makes up the minutes of the chapter', () => {
  const slides = [7, 0, 31].map((seconds) => /** @type {any} */ ({ dataset: { chapter: 'sse', seconds: String(seconds) } }));
  const plan = new Path(slides, () => true, { sse: 1 });
  assert.deepEqual(slides.map((slide) => plan.duration(slide)), [12_000, 3000, 45_000]);
  assert.equal(plan.total('sse'), MINUTE);
});

// Started at a chapter, too long there, a jump to the end: the first slide was on for an instant.
const times = { 'welcome/1': 20, 'sse/1': 3 * MINUTE, 'sse/2': MINUTE, 'choosing/1': 300, 'closing/1': MINUTE };
const rows = compare(all, path, times);

test('only what was shown is judged', () => {
  assert.deepEqual(ids(shown(rows)), ['sse/1', 'sse/2', 'closing/1']);
  assert.equal(overrun(sums(shown(rows))), 2 * MINUTE);
});

test('a deeper slide that was passed is not jumped over', () => {
  const deeper = { stopsAt: () => true, duration: ({ id }) => (id === 'choosing/1' ? 0 : MINUTE) };
  const { jumpedOver } = notShown(all, compare(all, /** @type {any} */ (deeper), times), 'sse/1');
  assert.deepEqual(ids(jumpedOver), []);
});

test('what was jumped over, and what was not reached, is told; not what is before the start', () => {
  const { jumpedOver, notReached } = notShown(all, rows, 'sse/1');
  assert.deepEqual(ids(jumpedOver), ['choosing/1']);
  assert.deepEqual(ids(notReached), ['closing/2']);
});

test('what is left out saves time: a deeper slide that was looked at, not one that was passed', () => {
  const talk = { stopsAt: ({ id }) => id !== 'sse/2', duration: ({ id }) => (id === 'sse/2' ? 0 : MINUTE) };
  const advice = (deeper) => {
    const took = { ...times, 'sse/2': deeper };
    const { leaveOut, sayLess } = proposed(shown(compare(all, /** @type {any} */ (talk), took)), talk);
    return [ids(leaveOut), ids(sayLess)];
  };
  assert.deepEqual(advice(2 * MINUTE), [['sse/2'], ['sse/1']]);
  assert.deepEqual(advice(3000), [[], ['sse/1']]);
});
