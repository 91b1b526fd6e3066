// "Bring everyone here": where the presenter is, and whether this page goes along.
import { el, write } from '/shared/dom.js';
import { tab } from '/workshop/kept.js';
import { setup } from '/workshop/setup.js';

const STAY = 'stay'; // kept: this tab goes where its reader wants
const SLIDES = 'slides'; // the window that the presenter's pages open: what is on the projector
const here = () => location.pathname + location.search;

// The name of a page, as the reader knows it.
async function name(path) {
  const { chapters } = await setup;
  const [, place, id] = path.split(/[/?]/);
  if (place === 'chapter') return chapters.find((chapter) => chapter.id === id)?.title ?? id;
  const names = { '': 'the agenda', compare: 'Compare', wire: 'the wire', source: 'the source',
    slides: 'the slides', quiz: 'the quiz' };
  return names[place] ?? path;
}

// A paragraph that shows itself while it has something to say.
export function follow(live) {
  let known; // where the presenter was when we last heard
  const words = el('span');
  const go = el('a', { className: 'quiet' }, 'Go there');
  const toggle = el('button', { className: 'quiet' });
  const line = el('p', { className: 'notice', hidden: true }, words, go, toggle);

  // The slides stay, unless they are told to follow.
  const staying = () => (tab.get(STAY) ?? (window.name === SLIDES ? 'yes' : 'no')) === 'yes';
  const show = async (path) => {
    line.hidden = !path;
    if (!path) return;
    const together = path === here() || path === location.pathname;
    write(toggle, staying() ? 'Follow the presenter' : 'Stay here');
    go.hidden = together || window.name === SLIDES;
    go.href = path;
    const follows = together && !staying();
    const where = together ? 'here' : `at “${await name(path)}”`;
    write(words, follows ? 'Following the presenter.' : `The presenter is ${where}.`);
  };
  toggle.addEventListener('click', () => {
    const follows = staying();
    tab.set(STAY, follows ? 'no' : 'yes');
    if (follows && known !== here()) location.assign(known);
    else void show(known);
  });
  live.on('room', (room) => {
    const path = inside(room.here);
    const moved = known !== undefined && path && path !== known;
    known = path;
    // A page that was just opened offers the way, and does not jump.
    if (moved && path !== here() && !staying()) location.assign(path);
    else void show(path);
  });
  return line;
}

// Only a page of this hub.
function inside(path) {
  if (!path) return null;
  const url = new URL(path, location.href);
  return url.origin === location.origin ? url.pathname + url.search : null;
}
