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

// Whether it happens on a page that is not linked to: a command runs elsewhere, unless a card of
// that page is named.
export function needsPage(parts, page) {
  const every = (selector) => parts.flatMap((part) => [...part.querySelectorAll(selector)]);
  const linked = every('a').some((link) => link.getAttribute('href') === page);
  const commands = every('code').some((code) => !code.closest('a'));
  const card = parts.some((part) => /\bcard\b/.test(part.textContent));
  return parts.length > 0 && !linked && (card || !commands);
}
