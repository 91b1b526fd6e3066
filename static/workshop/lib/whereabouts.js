// How many windows followed the presenter: in words, for the presenter's pages. The hub tells them
// at which page each device's windows are.
import { pageName } from '/workshop/lib/page-name.js';

const windows = (count) => (count === 1 ? '1 window' : `${count} windows`);

// How many windows are at each path, on all devices; with `presenters`, how many of the presenter's.
export function windowsAt({ clients }, of = 'at') {
  const sums = new Map();
  for (const [path, count] of clients.flatMap((client) => Object.entries(client[of]))) {
    sums.set(path, (sums.get(path) ?? 0) + count);
  }
  return sums;
}

// Of the windows other than the presenter's, how many are at the shared page, and where the others
// are. What the presenter's pages opened is on the projector, and nobody waits for it to follow.
export async function followed(room) {
  const [here] = room.here.split('?');
  const own = windowsAt(room, 'presenters');
  const places = [...windowsAt(room)].map(([path, count]) => [path, count - (own.get(path) ?? 0)])
    .filter(([path, count]) => path && count && !path.startsWith('/presenter'));
  const sum = (list) => list.reduce((total, [, count]) => total + count, 0);
  const others = places.filter(([path]) => path !== here);
  const names = await Promise.all(others.map(async ([path, count]) => `${await pageName(path)} ${count}`));
  const elsewhere = names.length ? `; elsewhere: ${names.join(', ')}` : '';
  const there = `${sum(places) - sum(others)} of ${windows(sum(places))}`;
  return `${there} at “${await pageName(here)}”${elsewhere}.`;
}

// Takes each state of the room; returns in how many windows the slides are open, or, after they
// were closed, in how many they closed. A window that was turned by hand stays.
export function slideWindows() {
  let before; // the state that came before: { count, closings }
  let closedFrom; // how many there were when they were closed; undefined when one opened since
  return (room) => {
    const count = windowsAt(room).get('/slides') ?? 0;
    const closings = room.slides_closed;
    if (before && closings > before.closings) closedFrom = before.count;
    else if (count > before?.count) closedFrom = undefined;
    before = { count, closings };
    if (closedFrom === undefined) return `Slides: ${count ? `open in ${windows(count)}` : 'not open'}.`;
    const rest = count ? ' The rest was turned by hand.' : '';
    return `Slides: closed in ${closedFrom - count} of ${windows(closedFrom)}.${rest}`;
  };
}
