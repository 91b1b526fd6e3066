// Which questions the presenter asks: the ten of a talk in one click, or any of them.
import { el, write } from '/shared/dom.js';
import { setup } from '/workshop/lib/setup.js';

const $ = (id) => document.getElementById(id);

// Calls `ask(ids)` with what was chosen. Returns a function that takes the ids of the questions that
// are asked, and the id of the one that is on, which stays.
export async function chooseQuestions(all, ask) {
  const { chapters } = await setup;
  const talks = [...document.querySelectorAll('[data-path]')].map((button) => {
    const ids = all.filter(({ paths }) => paths.includes(button.dataset.path)).map(({ id }) => id);
    button.addEventListener('click', () => ask(ids));
    return { button, ids };
  });
  const boxes = new Map(all.map(({ id }) => [id, el('input', { type: 'checkbox' })]));
  for (const box of boxes.values()) {
    box.addEventListener('change', () => {
      const ids = all.map((question) => question.id).filter((other) => boxes.get(other).checked);
      if (ids.length && ask(ids)) return;
      box.checked = !box.checked;
      if (!ids.length) write($('chosen'), 'At least one question is asked.');
    });
  }
  $('bank').append(...chapters.map(({ id: chapter, title }) => {
    const own = all.filter((question) => question.chapter === chapter);
    const rows = own.map(({ id, text }) => el('label', {}, boxes.get(id), el('span', {}, text)));
    return rows.length ? el('fieldset', {}, el('legend', {}, title), ...rows) : '';
  }));
  $('choose').addEventListener('click', () => $('choosing').showModal());
  return (asked, now) => {
    const others = asked.filter((id) => id !== now);
    const isOf = ({ ids }) => others.every((id) => ids.includes(id)) && ids.every((id) => asked.includes(id));
    for (const talk of talks) talk.button.ariaPressed = String(isOf(talk));
    write($('choose'), talks.some(isOf) ? 'Choose others …' : `Your choice of ${asked.length} …`);
    for (const [id, box] of boxes) {
      box.checked = asked.includes(id);
      box.disabled = id === now;
    }
    write($('chosen'), `${asked.length} of ${all.length} questions are asked.`);
  };
}
