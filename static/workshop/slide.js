// The slides as the server wrote them; here a chapter's first one gets its number and shape,
// the one on joining the code to scan, and what the room is to try looks like it.
import { el, mark } from '/shared/dom.js';
import { invitation } from '/workshop/join.js';
import { TECHNIQUES } from '/workshop/techniques.js';

// All sections below `root`, dressed, in their order.
export function slides(root) {
  const sections = [...root.querySelectorAll('.slide')];
  for (const section of sections) {
    if (section.matches('.first')) dress(section);
    if (heading(section).startsWith('Join')) void invite(section);
    section.classList.toggle('try', isToTry(section));
  }
  return sections;
}

function dress(section) {
  const { place, technique } = section.dataset;
  section.append(el('p', { className: 'place' }, `Part ${place}`));
  if (technique) section.append(mark(TECHNIQUES[technique].shape));
}

async function invite(section) {
  section.append(el('div', { className: 'invitation' }, ...await invitation()));
}

// What the room is to try says what to do.
const isToTry = (section) =>
  [...section.querySelectorAll('strong')].some(({ textContent }) => textContent === 'Do:');

export const heading = (section) => section.querySelector('h1, h2').textContent;

// The name of the chapter that a slide belongs to.
export const chapterOf = (sections, { dataset: { chapter } }) =>
  heading(sections.find((section) => section.dataset.chapter === chapter));
