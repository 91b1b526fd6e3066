// The five techniques as all pages of the workshop name and draw them. The hue comes from
// look.css by data-technique; a shape and a word are always beside it.
import { el, mark } from '/shared/dom.js';
import { BEYOND, TITLES } from '/shared/titles.js';

// Shapes on a 20 × 20 grid, as the ladder draws: the server above, the client below.
export const TECHNIQUES = {
  'short-poll': {
    idea: 'Ask again and again; each response comes at once.',
    shape: 'M0 19 3.5 1h3L10 13 13.5 1h3L20 19h-4L14.5 9.5 11.5 19h-3L5.5 9.5 4 19z',
  },
  'long-poll': {
    idea: 'Ask once; the server holds the request until there is news.',
    shape: 'M0 19 4 1h12l4 18h-4.5L12.8 5.5H7.2L4.5 19z',
  },
  'http-stream': {
    idea: 'Ask once; the response goes on, a line for every sample.',
    shape: 'M0 1h20v4.5H0zm0 6.7h20v4.5H0zm0 6.8h20V19H0z',
  },
  sse: {
    idea: 'The same with a standard: the browser reads and resumes.',
    shape: 'M0 1h20v4H0zm0 7h10v4H0zm0 7h7v4H0zM13 7h4.5v6H20l-4.8 6.5L10.5 13H13z',
  },
  websocket: {
    idea: 'One connection, and both sides speak when they like.',
    shape: 'M4.8 0 9.5 7H7v12H2.5V7H0zM15.2 20l-4.7-7H13V1h4.5v12H20z',
  },
};

export const title = (technique) => TITLES[technique] ?? BEYOND[technique] ?? 'all five';

// Shape and name in one, with the technique's hue. (What runs alone has no shape.)
export function badge(technique, name = title(technique)) {
  const shape = TECHNIQUES[technique]?.shape;
  const element = el('span', { className: 'badge' }, ...(shape ? [mark(shape)] : []), name);
  element.dataset.technique = technique;
  return element;
}
