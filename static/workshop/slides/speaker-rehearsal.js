// What a rehearsal says of the next talk: how long each slide took, and how it would fit.
import { stops } from '/workshop/slides/order.js';

const SECOND = 1000; // ms; a slide that is left sooner was turned over, not shown
const LEAST_GAIN = 10_000; // ms: a slide that took less is not worth leaving out

// A row for each slide at which the path stops, or on which time was spent: { slide, planned,
// spent }, in ms. `times`: ms by the slide's id.
export function compare(all, path, times) {
  const rows = all.map((slide) => ({
    slide, planned: path.duration(slide), spent: Math.round(times[slide.id] ?? 0),
  }));
  return rows.filter(({ planned, spent }) => planned > 0 || spent > 0);
}

// Those that were shown.
export const shown = (rows) => rows.filter(({ spent }) => spent >= SECOND);

// The others at which the path stops, from the slide at which the clock was started: those before the
// last one that was shown, and those after it.
export function notShown(all, rows, from) {
  const place = ({ slide }) => all.indexOf(slide);
  const first = all.findIndex(({ id }) => id === from);
  const last = Math.max(...shown(rows).map(place));
  const others = rows.filter((row) => row.planned > 0 && row.spent < SECOND && place(row) >= first);
  return {
    jumpedOver: others.filter((row) => place(row) < last),
    notReached: others.filter((row) => place(row) > last),
  };
}

// What was planned and what was spent on some rows, in ms.
export const sums = (rows) => rows.reduce((all, { planned, spent }) =>
  ({ planned: all.planned + planned, spent: all.spent + spent }), { planned: 0, spent: 0 });

// What to do about slides that took longer than planned: those to leave out, which the short talk
// does without, first those that are deeper, then those that took most; and where to say less, if
// that is not enough.
export function proposed(rows, path) {
  let over = overrun(sums(rows));
  const take = (candidates, saves) => candidates.filter((row) => {
    const needed = over > 0;
    over -= saves(row);
    return needed;
  });
  const optional = rows.filter(({ slide, spent }) =>
    spent >= LEAST_GAIN && !(path.stopsAt(slide) && stops('short')(slide)));
  optional.sort((a, b) => path.stopsAt(a.slide) - path.stopsAt(b.slide) || b.spent - a.spent);
  const leaveOut = take(optional, (row) => row.spent);
  const longer = rows.filter((row) => row.planned > 0 && !leaveOut.includes(row) && overrun(row) >= SECOND);
  longer.sort((a, b) => overrun(b) - overrun(a));
  return { leaveOut, sayLess: take(longer, overrun) };
}

// In whole seconds, as clocks show them.
const inSeconds = (ms) => Math.floor(ms / SECOND);
export const overrun = ({ planned, spent }) => SECOND * (inSeconds(spent) - inSeconds(planned));

// The rows as CSV (RFC 4180): the names of chapters and slides, and seconds; nothing where nothing was
// planned, or where the rehearsal did not come.
export function csv(rows, chapter, name) {
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const lines = rows.map(({ slide, planned, spent }) =>
    [quoted(chapter(slide)), slide.id, quoted(name(slide)), seconds(planned), seconds(spent)].join(','));
  return ['chapter,slide,heading,planned_s,took_s', ...lines, ''].join('\r\n');
}

const seconds = (ms) => (ms === 0 ? '' : inSeconds(ms));
