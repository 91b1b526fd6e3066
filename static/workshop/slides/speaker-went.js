// The dialog after a rehearsal: each slide's time beside its plan, how it would fit, and a file.
import { el, write } from '/shared/dom.js';
import { clockTime } from '/shared/format.js';
import { chapterOf, heading } from '/workshop/slides/slide.js';
import { compare, csv, notShown, overrun, proposed, shown, sums } from '/workshop/slides/speaker-rehearsal.js';

const SECOND = 1000; // ms
const MINUTE = 60_000; // ms
const $ = (id) => document.getElementById(id);

// A row of the table; what was not planned has no plan.
const row = (name, { planned, spent }, className = '') => el('tr', { className }, el('th', { scope: 'row' }, name),
  el('td', {}, planned ? clockTime(planned) : '–'), el('td', {}, clockTime(spent)));

// The slides that were shown, below their chapters.
function table(all, rows) {
  const chapters = new Set(rows.map(({ slide }) => slide.dataset.chapter));
  const parts = [...chapters].map((chapter) => rows.filter(({ slide }) => slide.dataset.chapter === chapter));
  return rows.length === 0 ? [] : [row('All', sums(rows), 'sum'), ...parts.flatMap((part) =>
    [row(`Chapter: ${chapterOf(all, part[0].slide)}`, sums(part), 'sum'), ...part.map((one) => row(heading(one.slide), one))])];
}

// Of the slides that were shown, and how many were not.
function verdict(rows, { jumpedOver, notReached }) {
  if (rows.length === 0) return 'Nothing is measured yet: start the clock, turn the slides, and look here again.';
  const over = overrun(sums(rows));
  const first = over < SECOND ? 'Within the time planned' : `${clockTime(over)} longer than planned`;
  return `${first} for the slides that were shown.${others(jumpedOver, 'jumped over')}${others(notReached, 'not reached')}`;
}

function others(rows, how) {
  if (rows.length === 0) return '';
  const were = rows.length === 1 ? '1 slide was' : `${rows.length} slides were`;
  return ` ${were} ${how}, planned ${clockTime(sums(rows).planned)}.`;
}

// `path()`: the path of the talk now.
export function howItWent(all, path, clock) {
  $('went-button').addEventListener('click', () => {
    const rows = compare(all, path(), clock.times);
    const seen = shown(rows);
    $('went-rows').replaceChildren(...table(all, seen));
    write($('went-sum'), verdict(seen, notShown(all, rows, clock.from)));
    const { leaveOut, sayLess } = proposed(seen, path());
    $('went-drop').replaceChildren(...leaveOut.map(({ slide }) => el('li', {}, heading(slide))));
    $('went-less').replaceChildren(...sayLess.map(({ slide, planned, spent }) =>
      el('li', {}, `${heading(slide)}: ${clockTime(spent)}, planned ${clockTime(planned)}`)));
    $('went-long').hidden = leaveOut.length === 0;
    $('went-longer').hidden = sayLess.length === 0;
    const file = new Blob([csv(rows, (slide) => chapterOf(all, slide), heading)], { type: 'text/csv' });
    const date = new Date().toISOString().slice(0, 10);
    URL.revokeObjectURL($('went-csv').href);
    Object.assign($('went-csv'), { href: URL.createObjectURL(file),
      download: `rehearsal-${Math.round(path().total() / MINUTE)}-minutes-${date}.csv` });
    $('went').showModal();
  });
}
