// Bytes for readers: as text in which nothing is invisible, and in hex.
import { el } from '/shared/dom.js';

export const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const toHex = (byte) => byte.toString(16).padStart(2, '0');

// Pairs of digits. `marks`: index → an element to put before that byte.
export const hexPairs = (bytes, marks) => Array.from(bytes, (byte, i) =>
  [marks.get(i) ?? '', `${i ? ' ' : ''}${toHex(byte)}`]).flat().filter(Boolean);

const LENGTHS = [[0x80, 1], [0xc2, 0], [0xe0, 2], [0xf0, 3], [0xf5, 4]]; // UTF-8, by the first byte
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const INVISIBLE = /^[\p{C}\p{Zl}\p{Zp}\p{M}]/u; // also what would turn the text around

// One entry a byte: the character that begins there, '' inside a character, and null where there
// is none, or one that can't be seen.
export function characters(bytes) {
  const found = [];
  for (let i = 0; i < bytes.length; ) {
    const length = LENGTHS.find(([limit]) => bytes[i] < limit)?.[1] ?? 0;
    const text = length ? character(bytes.subarray(i, i + length)) : null;
    found.push(text, ...Array(text ? length - 1 : 0).fill(''));
    i += text ? length : 1;
  }
  return found;
}

function character(bytes) {
  try {
    const text = decoder.decode(bytes);
    return INVISIBLE.test(text) ? null : text;
  } catch {
    return null;
  }
}

const NAMES = { 9: 'TAB', 10: 'LF', 13: 'CR', 32: 'SP' };

// Text, and a sign for what text can't show: its name, or its number. A line that ends inside
// of it ends on the screen, too. A space that stands alone is named. A mark inside of a
// character stands behind it.
export function visible(bytes, marks) {
  const parts = [];
  let text = '';
  characters(bytes).forEach((character, i) => {
    if (marks.has(i)) {
      parts.push(text, marks.get(i));
      text = '';
    }
    const named = character === null || (bytes[i] === 32 && bytes.length === 1);
    if (!named) return (text += character);
    parts.push(text, el('span', { className: 'sign' }, NAMES[bytes[i]] ?? toHex(bytes[i])));
    text = bytes[i] === 10 && i < bytes.length - 1 ? '\n' : '';
  });
  return [...parts, text].filter(Boolean);
}

// The same without signs, for where there is little room.
export const plain = (bytes) => characters(bytes).map((character) => character ?? ' ').join('');
