// The headlines on the wall.
import { report } from '/gallery.js';
import { act, isPresenter } from '/presenter.js';
import { el, write } from '/shared/dom.js';
import { timeToTheSecond } from '/shared/format.js';

const WALL_CAPACITY = 30; // headlines, as in the server
const wall = document.querySelector('#wall');
const button = document.querySelector('#post button');
const output = document.querySelector('#post output');
const pausing = document.querySelector('#pausing');

export function showWall({ paused, headlines }) {
  wall.replaceChildren();
  headlines.forEach(add);
  pause(paused);
  report('wall', { headlines: headlines.length });
}

// The text of others goes in as text, so it never becomes markup.
export function add({ number, text, at }) {
  const hide = el('button', { type: 'button', hidden: !isPresenter() }, 'Hide');
  hide.addEventListener('click', async () => {
    const wrong = await act('DELETE', `/news/headlines/${number}`);
    if (wrong) write(output, wrong);
  });
  wall.prepend(el('li', { id: `headline-${number}` }, el('bdi', {}, text), ' ',
    el('time', {}, timeToTheSecond(at)), hide));
  while (wall.children.length > WALL_CAPACITY) wall.lastChild.remove();
  report('headline', { number });
}

export const remove = (number) => document.getElementById(`headline-${number}`)?.remove();

export function pause(paused) {
  button.disabled = paused;
  write(pausing, paused ? 'The presenter has paused the wall.' : '');
}
