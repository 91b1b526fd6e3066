// What a rehearsal says of the next talk: how long each slide took, and how it would fit.
import { stops } from '/workshop/slides/order.js';

const SECOND = 1000; // ms

// A row for each slide at which the path stops, or on which time was spent: { slide, planned,
// spent }, in ms. `times`: ms by the slide's id.
export function compare(all, path, times) {
  const rows = all.map((slide) => ({
    slide, planned: Math.round(path.duration(slide)), spent: Math.round(times[slide.id] ?? 0),
  }));
  return rows.filter(({ planned, spent }) => planned > 0 || spent > 0);
}

// What to do so that the talk fits the time of its path: slides to leave out, which the short talk
// does without, first those that are deeper, then those that took most; and where to say less, if
// that is not enough.
export function proposed(rows, path) {
  const spent = rows.filter((row) => row.spent > 0);
  let over = spent.reduce((sum, row) => sum + overrun(row), 0);
  const take = (candidates, saves) => candidates.filter((row) => {
    const needed = over > 0;
    over -= saves(row);
    return needed;
  });
  const optional = spent.filter(({ slide }) => !(path.stopsAt(slide) && stops('short')(slide)));
  optional.sort((a, b) => path.stopsAt(a.slide) - path.stopsAt(b.slide) || b.spent - a.spent);
  const leaveOut = take(optional, (row) => row.spent);
  const longer = spent.filter((row) => !leaveOut.includes(row) && overrun(row) >= SECOND);
  longer.sort((a, b) => overrun(b) - overrun(a));
  return { leaveOut, sayLess: take(longer, overrun) };
}

const overrun = ({ planned, spent }) => spent - planned;

// The rows as CSV (RFC 4180): seconds, and the names of the slides.
export function csv(rows, name) {
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const lines = rows.map(({ slide, planned, spent }) =>
    [slide.id, quoted(name(slide)), seconds(planned), seconds(spent)].join(','));
  return ['slide,heading,planned,spent', ...lines, ''].join('\r\n');
}

const seconds = (ms) => Math.round(ms / SECOND);
