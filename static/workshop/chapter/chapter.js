// A chapter: its text comes from the server; here the live page, what to try, and the links
// are added, when it is about a technique.
import { Clock } from '/shared/clock.js';
import { el } from '/shared/dom.js';
import { alone } from '/workshop/chapter/alone.js';
import { beyond } from '/workshop/chapter/beyond.js';
import { beside } from '/workshop/chapter/beside.js';
import { CARDS } from '/workshop/chapter/beside-cards.js';
import { card } from '/workshop/lib/cards.js';
import { Evidence } from '/workshop/lib/evidence.js';
import { LiveLine } from '/workshop/chapter/live-line.js';
import { EXPERIMENTS } from '/workshop/lib/experiments.js';
import { frame } from '/workshop/lib/frames.js';
import { live } from '/workshop/lib/hub.js';
import { setup } from '/workshop/lib/setup.js';
import { badge } from '/workshop/lib/techniques.js';

const $ = (id) => document.getElementById(id);
const { chapter, technique } = document.documentElement.dataset;
const { chapters } = await setup;
const at = chapters.findIndex(({ id }) => id === chapter);

function turn(index, arrow) {
  const other = chapters[index];
  return other ? [el('a', { href: `/chapter/${other.id}`, rel: arrow }, other.title)] : [];
}
document.title = `${document.querySelector('h1').textContent} · ${document.title}`;
$('turn').append(...turn(at - 1, 'prev'), ...turn(at + 1, 'next'));

if (technique) {
  const title = document.querySelector('h1');
  title.replaceChildren(badge(technique, title.textContent));
  $('links').append(
    el('a', { href: '#try' }, 'Try this'), el('a', { href: '#notes' }, 'Notes'),
    el('a', { href: `/wire/${technique}` }, 'Its bytes'),
    el('a', { href: document.querySelector('nav a[href^="/source"]').href }, 'Its source'));

  const clock = new Clock();
  const measure = () => void clock.measure(AbortSignal.timeout(10_000)).catch(() => {});
  measure();
  document.addEventListener('visibilitychange', () => document.hidden || measure());
  const evidence = new Evidence(live, technique, clock);
  const list = el('ol', { className: 'cards' },
    ...EXPERIMENTS[technique].map((experiment) => card(technique, experiment, evidence, live)));
  if (['sse', 'websocket'].includes(technique)) list.append(alone(live));
  const line = new LiveLine();
  const page = await frame(technique, (event) => {
    evidence.add(event);
    line.add(event);
  });
  $('notes').before(el('section', { className: 'lab', 'aria-label': 'Live page and experiments' },
    el('div', { className: 'live' }, page),
    el('section', { id: 'try', 'aria-labelledby': 'try-title' },
      line.element, el('h2', { id: 'try-title' }, 'Try this'),
      el('p', { className: 'soft' }, 'A button affects the connections of this device alone. '
        + 'Its effect ends by itself after 30\u00a0s, a stall after 45\u00a0s.'), list)));
}
if (CARDS[chapter]) {
  $('links').append(el('a', { href: '#try' }, 'Try this'), el('a', { href: '#notes' }, 'Notes'));
  $('notes').before(el('section', { id: 'try', 'aria-labelledby': 'try-title' },
    el('h2', { id: 'try-title' }, 'Try this'),
    el('ol', { className: 'cards' }, ...CARDS[chapter].map(beside))));
}

$('notes').before(...await beyond(chapter, live));
