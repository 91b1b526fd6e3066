// The five techniques as all pages of the workshop name and draw them. The hue comes from
// look.css by data-technique; beside it always stand a shape and a word.
import { el, mark } from '/shared/dom.js';

// Shapes on a 20 × 20 grid, as the ladder draws: the server above, the client below.
export const TECHNIQUES = {
  'short-poll': {
    title: 'Short polling', short: 'Short polling',
    idea: 'Ask again and again. The server answers at once, even when nothing is new.',
    shape: 'M1 18 4 2h2l4 11L13 2h2l4 16h-3L14 8l-3 10H9L5.5 8 4 18z',
  },
  'long-poll': {
    title: 'Long polling', short: 'Long polling',
    idea: 'Ask once. The server holds the question until it has something to say.',
    shape: 'M1 18 5 2h10l4 16h-3L13 5H7L4 18z',
  },
  'http-stream': {
    title: 'HTTP streaming', short: 'Streaming',
    idea: 'Ask once, and the answer never ends: one more line for every sample.',
    shape: 'M1 2h18v4H1zm0 6.5h18v3H1zm0 5.5h18v4H1z',
  },
  sse: {
    title: 'Server-sent events', short: 'SSE',
    idea: 'An answer without end, which the browser reads and resumes by itself.',
    shape: 'M1 2h18v3H1zm0 6h13v3H1zm0 6h8v3H1zm16-4v4h3l-4.5 5-4.5-5h3v-4z',
  },
  websocket: {
    title: 'WebSocket', short: 'WebSocket',
    idea: 'One connection, both ways: each side speaks whenever it has something to say.',
    shape: 'M5.5 1 10 7H7v12H4V7H1zM14.5 19 10 13h3V1h3v12h3z',
  },
};

export const title = (technique) => TECHNIQUES[technique]?.title ?? 'all five';

// Shape and name in one, with the technique's hue.
export function badge(technique, name = TECHNIQUES[technique].title) {
  const element = el('span', { className: 'badge' }, mark(TECHNIQUES[technique].shape), name);
  element.dataset.technique = technique;
  return element;
}
