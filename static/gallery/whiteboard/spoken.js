// For screen readers: what others drew, in one sentence every few seconds, not each stroke.
import { write } from '/shared/dom.js';

const SENTENCE_INTERVAL = 5000; // ms
const output = document.querySelector('#spoken');
let strokes = new Map(); // of others, since the last sentence: its last point
let notes = []; // what else happened

export function announceInk({ ink = [], undone, cleared }, own) {
  for (const { pen, stroke, points } of ink) {
    if (pen !== own) strokes.set(`${pen}/${stroke}`, points.at(-1));
  }
  if (undone) notes.push('The presenter took a stroke back.');
  if (cleared) notes.push('The board is empty.');
}

export const announce = (note) => notes.push(note);

function sentence() {
  const pens = new Set([...strokes.keys()].map((name) => name.split('/')[0])).size;
  const [x, y] = [...strokes.values()].at(-1);
  const where = `${y < 333 ? 'top' : y < 667 ? 'middle' : 'bottom'} ${x < 533 ? 'left' : x < 1067 ? 'centre' : 'right'}`;
  const count = strokes.size === 1 ? '1 stroke' : `${strokes.size} strokes`;
  return `${pens === 1 ? 'Somebody' : `${pens} others`} drew ${count}, the newest at the ${where}.`;
}

setInterval(() => {
  if (strokes.size) notes.push(sentence());
  if (notes.length) write(output, notes.join(' '));
  strokes = new Map();
  notes = [];
}, SENTENCE_INTERVAL);
