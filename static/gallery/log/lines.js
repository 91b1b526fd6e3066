// The lines that came, the newest first, and how many they are.
import { el } from '/shared/dom.js';
import { timeOfDay } from '/shared/format.js';

const LINES_CAPACITY = 200;
const list = document.getElementById('lines');
let received = 0;
let missed = 0;

export function add({ at, level, target, text }) {
  received++;
  show(el('li', { className: level.toLowerCase() }, el('span', { className: 'soft' }, timeOfDay(at)),
    ' ', el('b', {}, level), ' ', el('span', { className: 'soft' }, target), ` ${text}`));
}

// Lines that are gone for good.
export function addGap(gap) {
  missed += gap.missed;
  show(el('li', { className: 'gap' }, gap.restarted
    ? 'The server has restarted: its log begins anew.'
    : `${gap.missed} lines missed: this page was too slow.`));
}

export const clear = () => list.replaceChildren();

function show(item) {
  list.prepend(item);
  while (list.children.length > LINES_CAPACITY) list.lastChild.remove();
  document.getElementById('counts').textContent = `${received} lines, ${missed} missed`;
}
