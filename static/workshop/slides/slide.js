// The slides as the server wrote them. Here the first of a chapter gets its number and its shape,
// the one on joining gets the code to scan, and those with something to do get their look.
import { el, mark } from '/shared/dom.js';
import { invitation } from '/workshop/lib/join.js';
import { TECHNIQUES } from '/workshop/lib/techniques.js';
import { isPresenters, windowFor } from '/workshop/lib/windows.js';

// All sections below `root`, dressed, in their order.
export function slides(root) {
  const sections = [...root.querySelectorAll('.slide')];
  for (const section of sections) {
    if (section.matches('.first')) dress(section);
    if (heading(section).startsWith('Join')) void invite(section);
    section.classList.toggle('try', isToTry(section));
    if (isPresenters()) openBeside(section);
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

// The presenter's slides stay when a link is pressed: each kind of page has a window of its own.
export function openBeside(part) {
  for (const link of part.querySelectorAll('a')) link.target = windowFor(link.getAttribute('href'));
}

// A slide with something for the room to do.
const isToTry = (section) =>
  [...section.querySelectorAll('strong')].some(({ textContent }) => textContent === 'Do:');

export const heading = (section) => section.querySelector('h1, h2').textContent;

// The name of the chapter that a slide belongs to.
export const chapterOf = (sections, { dataset: { chapter } }) =>
  heading(sections.find((section) => section.dataset.chapter === chapter));
