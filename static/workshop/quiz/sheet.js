// The answers to a question, each in a row: a button until one is chosen; then the right ones, the
// chosen one, and the count of each. All of it in words and shapes.
import { el, write } from '/shared/dom.js';

export const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F'];
export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
export const votes = (count) => (count === 1 ? '1 answer' : `${count} answers`);

// How many of the answers were right, once it is known which ones are.
export const score = ({ right, counts }) => (sum(counts) === 0 ? 'Nobody answered.'
  : `${sum(right.map((number) => counts[number]))} of ${sum(counts)} right.`);

// Rows of buttons that call `choose(number)`; without it, rows to look at.
export function sheet(list, choose) {
  let rows = [];
  let shown;
  // `right` are numbers, once they may be known; `counts` how many chose each.
  return ({ id, answers, right, counts, chosen, open }) => {
    if (id !== shown) {
      shown = id;
      rows = answers.map((text, number) => row(text, number, choose));
      list.replaceChildren(...rows.map(({ item }) => item));
    }
    const all = Math.max(1, sum(counts ?? [])); // a full bar
    rows.forEach(({ box, sign, chart, bar, count }, number) => {
      const correct = right?.includes(number);
      const ours = chosen === number;
      box.classList.toggle('right', Boolean(correct));
      box.classList.toggle('wrong', Boolean(right) && !correct);
      box.classList.toggle('ours', ours);
      if (choose) box.disabled = !open;
      write(sign, [correct && '✓ right', ours && (right && !correct ? '✕ yours' : 'yours')]
        .filter(Boolean).join(', '));
      chart.hidden = !counts;
      bar.style.width = `${(100 * (counts?.[number] ?? 0)) / all}%`;
      write(count, String(counts?.[number] ?? ''));
    });
  };
}

function row(text, number, choose) {
  const sign = el('span', { className: 'sign' });
  const bar = el('span', { className: 'bar' });
  const count = el('span', { className: 'count' });
  const chart = el('span', { className: 'chart', hidden: true },
    el('span', { className: 'track' }, bar), count);
  const box = el(choose ? 'button' : 'div', { className: 'answer' },
    el('b', { className: 'letter' }, LETTERS[number]), el('span', { className: 'phrase' }, text),
    sign, chart);
  if (choose) box.addEventListener('click', () => choose(number));
  return { item: el('li', {}, box), box, sign, chart, bar, count };
}
