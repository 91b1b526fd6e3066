// Where a turn leads, from a slide. A talk stops at some slides; those between two of them are
// deeper: below the first of the two, for who wants to know more.
export function neighbour(all, stopsAt, slide, where) {
  const at = all.indexOf(slide);
  const below = all[at + 1];
  return {
    first: () => all.find(stopsAt),
    last: () => all.findLast(stopsAt),
    next: () => all.slice(at + 1).find(stopsAt),
    previous: () => all.slice(0, at).findLast(stopsAt),
    down: () => (below && !stopsAt(below) ? below : undefined),
    up: () => (stopsAt(slide) ? undefined : all[at - 1]),
  }[where]();
}

// The number of a slide among those at which the talk stops, or of the one that it is below of;
// how far below; and how many more there are below it.
export function position(all, stopsAt, slide) {
  const at = all.indexOf(slide);
  const number = all.slice(0, at + 1).filter(stopsAt).length;
  const depth = at - all.slice(0, at + 1).findLastIndex(stopsAt);
  const rest = all.slice(at + 1);
  const next = rest.findIndex(stopsAt);
  return { number, depth, deeper: next < 0 ? rest.length : next };
}

// The talks of different lengths: at which slides they stop.
export const stops = (path) => ({ dataset }) => dataset.paths.split(' ').includes(path);
