// What a rehearsal says of the next talk: how long each slide took, and what to leave out.

// A row for each slide at which the path stops, or on which time was spent: { slide, planned,
// spent }, in ms. `times`: ms by the slide's id.
export function compare(all, path, times) {
  const rows = all.map((slide) => ({
    slide, planned: Math.round(path.duration(slide)), spent: Math.round(times[slide.id] ?? 0),
  }));
  return rows.filter(({ planned, spent }) => planned > 0 || spent > 0);
}

// What to leave out, so that the talk fits the time of its path: slides that the short talk does
// without; first those that are deeper, then those that took most.
export function proposed(rows, path) {
  const spent = rows.filter((row) => row.spent > 0);
  let over = spent.reduce((sum, { planned, spent: took }) => sum + took - planned, 0);
  const optional = spent.filter(({ slide }) => !slide.dataset.paths.split(' ').includes('short'));
  optional.sort((a, b) => path.stopsAt(a.slide) - path.stopsAt(b.slide) || b.spent - a.spent);
  return optional.filter(({ spent: took }) => {
    const needed = over > 0;
    over -= took;
    return needed;
  });
}

// The rows as CSV (RFC 4180): seconds, and the names of the slides.
export function csv(rows, name) {
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const lines = rows.map(({ slide, planned, spent }) =>
    [slide.id, quoted(name(slide)), seconds(planned), seconds(spent)].join(','));
  return ['slide,heading,planned,spent', ...lines, ''].join('\r\n');
}

const seconds = (ms) => Math.round(ms / 1000);
