// "Bring everyone here": an attendee's page goes to where the presenter is, each time that the
// presenter brings everyone there.
import { el, write } from '/shared/dom.js';
import { pageName } from '/workshop/lib/page-name.js';
import { isPresenters } from '/workshop/lib/windows.js';

const isHere = (path) => [location.pathname, location.pathname + location.search].includes(path);

// A paragraph that is visible while the presenter is on a page. The presenter's own windows stay where
// they are, and there it would only cover something on the projector. `again()` is called when everyone
// is brought to this page.
export function follow(live, again = () => {}) {
  let brought; // the number of the invitation that this page knew last
  const words = el('span');
  const go = el('a', { className: 'quiet' }, 'Go there');
  const line = el('p', { className: 'notice', hidden: true }, words, go);

  const show = async (path) => {
    line.hidden = !path || isPresenters();
    if (line.hidden) return;
    go.hidden = isHere(path);
    go.href = path;
    write(words, isHere(path) ? 'Following the presenter.'
      : `The presenter is at “${await pageName(path)}”.`);
  };
  live.on('room', (room) => {
    const path = inside(room.here);
    // A page that was just opened offers a link, and does not move.
    const called = brought !== undefined && path && room.brought !== brought;
    // After a restart there is no page, until the presenter's say it again, by the same number.
    if (path || brought === undefined) ({ brought } = room);
    if (called && !isPresenters() && !isHere(path)) return location.assign(path);
    if (called && !isPresenters()) again();
    void show(path);
  });
  return line;
}

// Only a page of this hub.
function inside(path) {
  if (!path) return null;
  const url = new URL(path, location.href);
  return url.origin === location.origin ? url.pathname + url.search : null;
}
