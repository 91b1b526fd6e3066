// The news wall: a stream that the browser reads, and a request for each headline.
import { connect, lost, opened, report, say } from '/gallery.js';
import { act, isPresenter, presenterControls } from '/presenter.js';
import { el, write } from '/shared/dom.js';
import { timeToTheSecond } from '/shared/format.js';

const WALL_CAPACITY = 30; // headlines, as in the server
const wall = document.querySelector('#wall');
const form = document.querySelector('#post');
const { text } = form.elements;
const output = form.querySelector('output');
let run; // of the server, the first part of an event's id
let key = draw(); // of the headline in the field: sent again, it is still the same one

connect(() => {
  const source = new EventSource('/news/events');
  const on = (name, act) => source.addEventListener(name,
    ({ data, lastEventId }) => act(JSON.parse(data), lastEventId));
  // All of it, whenever the page connects. So it does not matter what came while it was away.
  on('wall', ({ paused, headlines }, id) => {
    const before = run;
    [run] = id.split('-');
    if (before && before !== run) say('Connected: the server restarted, and the wall is a new one', 'open');
    wall.replaceChildren();
    headlines.forEach(show);
    pause(paused);
  });
  on('headline', show);
  on('hidden', (number) => document.getElementById(`headline-${number}`)?.remove());
  on('paused', pause);
  on('gap', () => {
    source.close();
    lost('This page was too slow');
  });
  source.onopen = opened;
  source.onerror = () => lost();
  return source;
});

// The text of others goes in as text, so it never becomes markup.
function show({ number, text, at }) {
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

function pause(paused) {
  form.querySelector('button').disabled = paused;
  write(output, paused ? 'The presenter has paused the wall.' : '');
}

// Edited, it is another headline.
text.addEventListener('input', () => (key = draw()));

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const headline = { key, text: text.value };
  const body = JSON.stringify(headline);
  const headers = { 'Content-Type': 'application/json' };
  try {
    const response = await fetch('/news/headlines', { method: 'POST', headers, body });
    if (!response.ok) return write(output, `Not posted: ${await response.text()}`);
    write(output, 'Posted.');
    if (headline.key !== key) return; // edited meanwhile
    text.value = '';
    key = draw();
  } catch {
    write(output, 'No answer: it may be posted or not. Press again, it is shown once.');
  }
});

presenterControls(['Pause the wall', 'PUT', '/news/paused', true],
  ['Open the wall', 'PUT', '/news/paused', false], ['Clear the wall', 'DELETE', '/news/headlines']);

// Random, also where the page is no secure context.
function draw() {
  return crypto.getRandomValues(new Uint32Array(3)).join('-');
}
