// What a proxy changed: the head of the same request or response, before the proxy and behind it.
import { fromHex, plain } from '/workshop/wire/bytes.js';

const VALUE_LIMIT = 60; // characters of a value that are shown
const START_LINE = ['method', 'target', 'version', 'status', 'reason'];

export class Changes {
  #open = {}; // side and direction → the head that is coming: its units, by their numbers
  #done = {}; // direction → side → the head that waits for the one of the other side

  // Takes the bytes of a side ('before' or 'behind' the proxy). Returns what the proxy changed of each
  // head that both sides now have, as a line of text.
  add(side, { direction, pieces }) {
    const lines = [];
    for (const { unit, label, hex } of pieces) {
      const key = `${side} ${direction}`;
      if (START_LINE.includes(label) || label.startsWith('field-')) {
        const units = (this.#open[key] ??= new Map());
        const known = units.get(unit) ?? { label, text: '' };
        units.set(unit, { label, text: known.text + plain(fromHex(hex)) });
      } else if (label === 'head-end' && this.#open[key]) {
        const heads = (this.#done[direction] ??= {});
        heads[side] = read([...this.#open[key].values()]);
        delete this.#open[key];
        if (heads.before && heads.behind) {
          lines.push(compare(direction, heads));
          this.#done[direction] = {};
        }
      }
    }
    return lines;
  }

  // Another connection begins on a side.
  part(side) {
    for (const direction of ['up', 'down']) {
      delete this.#open[`${side} ${direction}`];
      delete this.#done[direction]?.[side];
    }
  }
}

function read(units) {
  const start = units.filter(({ label }) => START_LINE.includes(label)).map(({ text }) => text);
  const fields = new Map();
  let name = '';
  for (const { label, text } of units) {
    if (label === 'field-name') name = text;
    if (label !== 'field-value') continue;
    const key = name.toLowerCase();
    const before = fields.get(key);
    fields.set(key, { name, value: before ? `${before.value}, ${text}` : text });
  }
  return { start, fields };
}

// Up, the proxy has what is before it and sends what is behind; down, the other way round.
function compare(direction, { before, behind }) {
  const [came, left] = direction === 'up' ? [before, behind] : [behind, before];
  const parts = left.start.flatMap((part, i) =>
    (part === came.start[i] ? [] : [`${short(came.start[i] ?? '')} → ${short(part)}`]));
  for (const [key, { name, value }] of left.fields) {
    const old = came.fields.get(key);
    if (!old) parts.push(`+ ${name}: ${short(value)}`);
    else if (old.value !== value) parts.push(`${name}: ${short(old.value)} → ${short(value)}`);
  }
  for (const [key, { name }] of came.fields) {
    if (!left.fields.has(key)) parts.push(`− ${name}`);
  }
  const what = direction === 'up' ? 'request' : 'response';
  return parts.length ? `The proxy changed the ${what}: ${parts.join(' · ')}`
    : `The proxy changed nothing of the ${what}’s head.`;
}

const short = (text) => (text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}…` : text);
