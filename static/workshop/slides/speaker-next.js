// The way from a chapter to the next one, on a path of the talk: it is said at the last slide at
// which the path stops, wherever the notes have it.

const isNext = (note) => note.textContent.trim().startsWith('Next:');

// What there is to say at a slide: its notes, and with the last one of its chapter, what leads on.
// The chapter's own words lead to the next one in the notes. Where it has none, or the path leaves
// that one out, `leadOn(slide)` makes up those to the slide that follows.
export function notesAt(all, path, slide, notesOf, leadOn) {
  const notes = notesOf(slide).filter((note) => !isNext(note));
  const following = path.stopsAt(slide) && path.neighbour(slide, 'next');
  const { chapter } = slide.dataset;
  if (!following || following.dataset.chapter === chapter) return notes;
  const parts = all.filter((one) => one.dataset.chapter === chapter);
  const after = all[all.indexOf(parts.at(-1)) + 1];
  const own = following.dataset.chapter === after.dataset.chapter && parts.flatMap(notesOf).find(isNext);
  return [...notes, own || leadOn(following)];
}
