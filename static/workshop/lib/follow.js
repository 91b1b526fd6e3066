// "Bring everyone here": where the presenter is, and whether this page follows.
import { el, write } from '/shared/dom.js';
import { tab } from '/workshop/lib/kept.js';
import { pageName } from '/workshop/lib/page-name.js';
import { isPresenters } from '/workshop/lib/windows.js';

const STAY = 'stay'; // stored: 'yes' in a tab that does not follow the presenter
const here = () => location.pathname + location.search;
const isHere = (path) => path === here() || path === location.pathname;
const isProjector = () => window.name === 'slides'; // its slides stay

// A paragraph that is visible while the presenter is on a page. It is for attendees: on the projector
// it would only cover something.
export function follow(live) {
  let known; // where the presenter was by the latest message
  let brought; // how often everyone had been brought somewhere by then
  const words = el('span');
  const go = el('a', { className: 'quiet' }, 'Go there');
  const toggle = el('button', { className: 'quiet' });
  const line = el('p', { className: 'notice', hidden: true }, words, go, toggle);

  const staying = () => isProjector() || tab.get(STAY) === 'yes';
  const show = async (path) => {
    line.hidden = !path || isPresenters();
    if (line.hidden) return;
    const together = isHere(path);
    write(toggle, staying() ? 'Follow the presenter' : 'Stay here');
    go.hidden = together;
    go.href = path;
    const follows = together && !staying();
    const where = together ? 'here' : `at “${await pageName(path)}”`;
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
    // A page that was just opened offers a link, and does not move.
    const called = brought !== undefined && path && room.brought !== brought;
    // The same page once more is an invitation to those who stayed, too.
    const again = path === known && !isProjector();
    known = path;
    brought = room.brought;
    if (called && !isHere(path) && (again || !staying())) location.assign(path);
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
