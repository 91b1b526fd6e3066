// What the speaker shows at a slide: the demos of its notes, and what the slide itself says to do
// or to watch, with its links.

const STEPS = ['Do:', 'Watch:'];
const label = (part) => part.querySelector('strong')?.textContent;

export const isDemo = (note) => note.textContent.trim().startsWith('Demo');

// The parts of a slide that are steps, from their label to the next one. On a slide with something
// to do, a part that names a button (in italics) is a step, too, wherever it stands.
export function stepsOf(slide) {
  const parts = [...slide.children];
  const [done, watched] = STEPS.map((step) => parts.some((part) => label(part) === step));
  let inStep = false;
  return parts.filter((part) => {
    if (label(part)?.endsWith(':')) inStep = STEPS.includes(label(part));
    // With something to watch, links to sources are steps, too.
    return inStep || watched && part.querySelector('a') || done && part.querySelector('em');
  });
}

const every = (parts, selector) => parts.flatMap((part) => [...part.querySelectorAll(selector)]);
const linkedTo = (parts) => every(parts, 'a').map((link) => link.getAttribute('href'));

// Whether it happens on the chapter's page, and does not link to it: that page is named, or nothing
// else is, neither another page nor a command.
export function needsPage(parts, page) {
  const links = linkedTo(parts);
  const commands = every(parts, 'code').some((code) => !code.closest('a'));
  const named = parts.some((part) => /card of this name|live page|chapter.s page/.test(part.textContent));
  return parts.length > 0 && !links.includes(page) && (named || links.length === 0 && !commands);
}

// The page on which the room is to do something, if it is one to which everyone can be brought: where
// the slide says so, or where a demo is for all devices.
export function pageToDo(parts) {
  const done = linkedTo(parts.filter((part) => label(part) === 'Do:'));
  const shown = linkedTo(parts.filter(isDemo));
  const page = done.find((href) => /^\/(chapter|compare|wire)\b/.test(href))
    ?? shown.find((href) => /^\/(gallery|presenter\/quiz)\b/.test(href));
  return page === '/presenter/quiz' ? '/quiz/live' : page?.replace(/#.*/, '');
}
