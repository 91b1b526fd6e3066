// The dialog after a rehearsal: each slide's time beside its plan, how it would fit, and a file.
import { el } from '/shared/dom.js';
import { clockTime } from '/shared/format.js';
import { heading } from '/workshop/slides/slide.js';
import { compare, csv, proposed } from '/workshop/slides/speaker-rehearsal.js';

const $ = (id) => document.getElementById(id);

// `path()`: the path of the talk now.
export function howItWent(all, path, clock) {
  $('went-button').addEventListener('click', () => {
    const rows = compare(all, path(), clock.times);
    const spent = rows.filter((row) => row.spent > 0);
    $('went-rows').replaceChildren(...spent.map((row) => el('tr', {}, el('th', {}, heading(row.slide)),
      el('td', {}, clockTime(row.planned)), el('td', {}, clockTime(row.spent)))));
    const { leaveOut, sayLess } = proposed(rows, path());
    $('went-drop').replaceChildren(...leaveOut.map(({ slide }) => el('li', {}, heading(slide))));
    $('went-less').replaceChildren(...sayLess.map(({ slide, planned, spent }) =>
      el('li', {}, `${heading(slide)}: ${clockTime(spent)}, planned ${clockTime(planned)}`)));
    $('went-long').hidden = leaveOut.length === 0;
    $('went-longer').hidden = sayLess.length === 0;
    $('went-fits').hidden = !$('went-long').hidden || !$('went-longer').hidden;
    const file = new Blob([csv(rows, heading)], { type: 'text/csv' });
    URL.revokeObjectURL($('went-csv').href);
    $('went-csv').href = URL.createObjectURL(file);
    $('went').showModal();
  });
}
