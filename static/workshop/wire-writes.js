// How bytes left the lens: in which pieces, and when. What comes together leaves together, but
// for *slice*, *throttle* and *delay*, and for a reader that is slow.
import { el } from '/shared/dom.js';
import { duration, formatBytes } from '/shared/format.js';

const HELD = 50; // ms in the lens that are worth telling
const LISTED = 24; // pieces of one unit

// Hands out the writes of a message: to each of its units, in order, what it has of them.
export function inTurn(writes) {
  const left = writes.map((write) => ({ write, bytes: write.bytes }));
  return (count) => {
    const parts = [];
    while (count > 0 && left.length) {
      const bytes = Math.min(count, left[0].bytes);
      parts.push({ write: left[0].write, bytes });
      left[0].bytes -= bytes;
      count -= bytes;
      if (left[0].bytes === 0) left.shift();
    }
    return parts;
  };
}

// What was done to a whole; nothing, as a rule.
export function inShort(writes) {
  const [first] = writes;
  const held = first?.waited >= HELD ? `held back ${duration(first.waited)}` : '';
  const pieces = writes.length > 1
    ? `left in ${writes.length} pieces over ${duration(writes.at(-1).at - first.at)}` : '';
  return [held, pieces].filter(Boolean).join(', ');
}

// The pieces of one unit, each with its time after the first.
export function inFull(parts) {
  const short = inShort(parts.map(({ write }) => write));
  if (!short) return '';
  const [first] = parts;
  const pieces = parts.slice(0, LISTED).map(({ write, bytes }, i) =>
    (i ? `${bytes} +${duration(write.at - first.write.at)}` : formatBytes(bytes)));
  const more = parts.length > LISTED ? ` … and ${parts.length - LISTED} more` : '';
  return `${short[0].toUpperCase()}${short.slice(1)}: ${pieces.join(' · ')}${more}`;
}

// Where a piece begins, in the bytes.
export const cut = (ms) => el('span', { className: 'cut', title: `the next piece, after ${duration(ms)}` });
