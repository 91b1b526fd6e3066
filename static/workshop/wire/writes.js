// How bytes left the lens: in which pieces, and when. Bytes that came together leave together,
// except under *slice*, *throttle* and *delay*, and towards a slow reader.
import { el } from '/shared/dom.js';
import { duration, formatBytes } from '/shared/format.js';

const HELD_DELAY = 50; // ms in the lens that are worth telling
const PIECE_LIMIT = 24; // listed of one unit

// Divides the writes of a message among its units, in order.
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

// What was done to a block; as a rule, nothing.
export function inShort(writes) {
  const [first] = writes;
  const held = first?.waited >= HELD_DELAY ? `held back ${duration(first.waited)}` : '';
  const pieces = writes.length > 1
    ? `left in ${writes.length} pieces over ${duration(writes.at(-1).at - first.at)}` : '';
  return [held, pieces].filter(Boolean).join(', ');
}

// The pieces of one unit, each with its time after the first.
export function inFull(parts) {
  const short = inShort(parts.map(({ write }) => write));
  if (!short) return '';
  const [first] = parts;
  const pieces = parts.slice(0, PIECE_LIMIT).map(({ write, bytes }, i) =>
    (i ? `${bytes} +${duration(write.at - first.write.at)}` : formatBytes(bytes)));
  const more = parts.length > PIECE_LIMIT ? ` … and ${parts.length - PIECE_LIMIT} more` : '';
  return `${short[0].toUpperCase()}${short.slice(1)}: ${pieces.join(' · ')}${more}`;
}

// Where a piece begins, in the bytes.
export const cut = (ms) => el('span', { className: 'cut', title: `the next piece, after ${duration(ms)}` });
