// The dialog after a rehearsal: each slide's time beside its plan, what to leave out, and a file.
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
    const names = proposed(rows, path()).map(({ slide }) => el('li', {}, heading(slide)));
    $('went-drop').replaceChildren(...names);
    $('went-fits').hidden = names.length > 0;
    $('went-long').hidden = names.length === 0;
    const file = new Blob([csv(rows, heading)], { type: 'text/csv' });
    URL.revokeObjectURL($('went-csv').href);
    $('went-csv').href = URL.createObjectURL(file);
    $('went').showModal();
  });
}
