// Where turns lead, and what a rehearsal says.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { neighbour, position, stops } from '/workshop/slides/order.js';
import { notesAt } from '/workshop/slides/speaker-next.js';
import { Path } from '/workshop/slides/speaker-path.js';
import { compare, csv, proposed } from '/workshop/slides/speaker-rehearsal.js';

const slide = (id, paths) => ({ id, dataset: { paths } });
const all = [slide('a', 'short long day'), slide('b', ''), slide('c', 'day'), slide('d', 'long day'), slide('e', '')];
const long = stops('long');
const way = (from, where, path = 'long') => neighbour(all, stops(path), all.find(({ id }) => id === from), where)?.id;

test('a talk stops at some slides, and what is below them is reached by going down', () => {
  assert.deepEqual(['a', 'b', 'c', 'd', 'e'].map((id) => way(id, 'next')), ['d', 'd', 'd', undefined, undefined]);
  assert.deepEqual(['a', 'b', 'd', 'e'].map((id) => way(id, 'previous')), [undefined, 'a', 'a', 'd']);
  assert.deepEqual(['a', 'b', 'c', 'd', 'e'].map((id) => way(id, 'down')), ['b', 'c', undefined, 'e', undefined]);
  assert.deepEqual(['a', 'b', 'c', 'd', 'e'].map((id) => way(id, 'up')), [undefined, 'a', 'b', undefined, 'd']);
  assert.deepEqual([way('c', 'first'), way('c', 'last'), way('b', 'next', 'day')], ['a', 'd', 'c']);
});

test('a slide has a number, or is so far below one', () => {
  assert.deepEqual(position(all, long, all[0]), { number: 1, depth: 0, deeper: 2 });
  assert.deepEqual(position(all, long, all[2]), { number: 1, depth: 2, deeper: 0 });
  assert.deepEqual(position(all, long, all[3]), { number: 2, depth: 0, deeper: 1 });
});

test('a rehearsal that was too long proposes what the short talk leaves out', () => {
  const path = { duration: (one) => (long(one) ? 60_000 : 0), stopsAt: long };
  const went = (times) => {
    const rows = compare(all, path, times);
    return proposed(rows, path).leaveOut.map(({ slide: { id } }) => id);
  };
  assert.deepEqual(went({ a: 50_000, d: 60_000 }), []);
  assert.deepEqual(went({ a: 90_000, d: 80_000 }), ['d']);
  // What is deeper goes first, and no more than is needed.
  assert.deepEqual(went({ a: 70_000, b: 20_000, d: 60_000 }), ['b', 'd']);
  assert.deepEqual(went({ a: 60_000, b: 20_000, d: 60_000 }), ['b']);
});

test('a rehearsal of the short talk, which has nothing to leave out, proposes where to say less', () => {
  const three = ['a', 'b', 'c', 'd'].map((id) => slide(id, id === 'b' ? '' : 'short long day'));
  const short = stops('short');
  const path = { duration: (one) => (short(one) ? 60_000 : 0), stopsAt: short };
  const went = (times) => {
    const rows = compare(three, path, times);
    const { leaveOut, sayLess } = proposed(rows, path);
    return [leaveOut, sayLess].map((list) => list.map(({ slide: { id } }) => id));
  };
  assert.deepEqual(went({ a: 80_000, c: 30_000, d: 70_000 }), [[], []]);
  // The longest first, and no more than is needed; what is deeper before that.
  assert.deepEqual(went({ a: 65_000, c: 70_000, d: 80_000 }), [[], ['d', 'c', 'a']]);
  assert.deepEqual(went({ a: 65_000, c: 55_000, d: 62_000 }), [[], ['a']]);
  assert.deepEqual(went({ a: 65_000, b: 30_000, c: 60_000, d: 80_000 }), [['b'], ['d', 'a']]);
});

test('times are a table for a spreadsheet', () => {
  const path = { duration: (one) => (long(one) ? 61_000 : 0) };
  const rows = compare(all, path, { a: 1499, c: 2000 });
  assert.equal(csv(rows, () => 'One, two', ({ id }) => `“${id}”, "it"`),
    'chapter,slide,heading,planned_s,took_s\r\n"One, two",a,"“a”, ""it""",61,1\r\n'
    + '"One, two",c,"“c”, ""it""",,2\r\n"One, two",d,"“d”, ""it""",61,\r\n');
});

test('what leads to the next chapter is said at the last slide of the chapter, on each path', () => {
  const part = (chapter, id, paths, ...notes) => ({ id, dataset: { chapter, paths, seconds: '8' },
    notes: notes.map((textContent) => ({ textContent })) });
  const deck = [
    part('one', 'a', 'short long day', 'Say: One.'),
    part('one', 'b', 'short long day', 'Say: It ends.', 'Next: Two.'),
    part('one', 'c', 'day'),
    part('one', 'd', ''),
    part('two', 'e', 'long day', 'Next: Three.'),
    part('three', 'f0', 'short long'),
    part('three', 'f', 'short long day'),
    part('four', 'g', 'short long day'),
  ];
  const said = (name) => {
    const path = new Path(deck, stops(name), { one: 1, two: 1, three: 1, four: 1 });
    const at = (one) => notesAt(deck, path, one, ({ notes }) => notes, ({ id }) => ({ textContent: `to ${id}` }));
    return deck.map((one) => at(one).map(({ textContent }) => textContent.replace(/Say: .*/, '')).join(''));
  };
  assert.deepEqual(said('long'), ['', 'Next: Two.', '', '', 'Next: Three.', '', 'to g', '']);
  assert.deepEqual(said('day'), ['', '', 'Next: Two.', '', 'Next: Three.', '', 'to g', '']);
  // The second chapter is left out.
  assert.deepEqual(said('short'), ['', 'to f0', '', '', '', '', 'to g', '']);
});
