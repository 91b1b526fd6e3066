// The dialog after a rehearsal: each slide's time beside its plan, how it would fit, and a file.
import { el, write } from '/shared/dom.js';
import { clockTime } from '/shared/format.js';
import { chapterOf, heading } from '/workshop/slides/slide.js';
import { compare, csv, proposed, sums } from '/workshop/slides/speaker-rehearsal.js';

const MINUTE = 60_000; // ms
const $ = (id) => document.getElementById(id);

// A row of the table; what was not planned has no plan.
const row = (name, { planned, spent }, className = '') => el('tr', { className }, el('th', { scope: 'row' }, name),
  el('td', {}, planned ? clockTime(planned) : '–'), el('td', {}, clockTime(spent)));

// The slides on which time was spent, below their chapters.
function table(all, rows) {
  const chapters = new Set(rows.map(({ slide }) => slide.dataset.chapter));
  const parts = [...chapters].map((chapter) => rows.filter(({ slide }) => slide.dataset.chapter === chapter));
  return rows.length === 0 ? [] : [row('All', sums(rows), 'sum'), ...parts.flatMap((part) =>
    [row(`Chapter: ${chapterOf(all, part[0].slide)}`, sums(part), 'sum'), ...part.map((one) => row(heading(one.slide), one))])];
}

function verdict(spent, over) {
  if (spent === 0) return 'Nothing is measured yet: start the clock, turn the slides, and look here again.';
  return over > 0 ? `${clockTime(over)} longer than planned, as far as you came.` : 'Within its time, as far as you came.';
}

// `path()`: the path of the talk now; `behind()`: by how much it is behind its plan, in ms.
export function howItWent(all, path, clock, behind) {
  $('went-button').addEventListener('click', () => {
    const rows = compare(all, path(), clock.times);
    const spent = rows.filter((row) => row.spent > 0);
    $('went-rows').replaceChildren(...table(all, spent));
    write($('went-sum'), verdict(clock.spent, behind()));
    const { leaveOut, sayLess } = proposed(rows, path(), behind());
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
