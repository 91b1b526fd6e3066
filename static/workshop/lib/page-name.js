// The name of a page of the workshop, wherever another page mentions it.
import { setup } from '/workshop/lib/setup.js';
import { title } from '/workshop/lib/techniques.js';

const NAMES = { '': 'the agenda', compare: 'Compare', gallery: 'the gallery', source: 'the source', slides: 'the slides', handout: 'the handout',
  quiz: 'the quiz', presenter: 'the desk' };

// In a sentence: a title is quoted.
export async function quotedName(path) {
  const name = await pageName(path);
  return name.startsWith('the ') ? name : `“${name}”`;
}

export async function pageName(path) {
  const { chapters } = await setup;
  const [, place, id] = path.split(/[/?#]/);
  if (place === 'chapter') return chapters.find((chapter) => chapter.id === id)?.title ?? id;
  if (path === '/quiz') return 'the quiz alone';
  if (path === '/quiz/wall') return 'the quiz on the wall';
  if (place === 'wire') return `${title(id)} on the wire`;
  return NAMES[place] ?? path;
}
