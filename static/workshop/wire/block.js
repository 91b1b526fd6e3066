// A block that can be folded: a head, a chunk, an event, a frame. Its summary line says what it
// is; its units can be pointed at.
import { el, write } from '/shared/dom.js';
import { formatBytes, seconds, timeOfDay } from '/shared/format.js';
import { fromHex, hexPairs, plain, visible } from '/workshop/wire/bytes.js';
import { BINARY, NOTED, OPCODES, isMasked, labelOf, nameOf } from '/workshop/wire/labels.js';
import { cut, inShort } from '/workshop/wire/writes.js';

export const PLACES = { before: 'before the proxy', behind: 'behind the proxy' };
const SHOWN_BYTES = 600; // of one unit on the screen
const PREVIEW_BYTES = 120; // of a folded block
const DUMP_BYTES = 4096; // of one unit in the dump
const QUIET_DELAY = 100; // ms of silence that are worth telling

export class Block {
  units = [];
  #byNumber = new Map();
  #size = 0;
  #payload = 0;
  #writes = [];
  #stale = new Set(); // units that changed since they were rendered
  #parts = { what: el('span', { className: 'what' }), left: el('span', { className: 'left' }),
    preview: el('span', { className: 'preview' }) };
  #bytes = el('p', { className: 'bytes' });

  // `place`: on which side of a proxy, if there is one.
  constructor({ at, direction, group, since, folded, other, place }) {
    this.group = group;
    this.direction = direction;
    this.at = at;
    const up = direction === 'up';
    const silence = at - since;
    const from = up ? (place === 'behind' ? 'proxy' : 'client') : place === 'before' ? 'proxy' : 'server';
    this.summary = el('button', { className: 'whole', tabIndex: -1 },
      el('span', { className: 'way' }, `${up ? '↑' : '↓'} ${from}`), ' ',
      ...(place ? [el('span', { className: 'place' }, PLACES[place]), ' '] : []),
      this.#parts.what, ' ', this.#parts.left, ' ', this.#parts.preview, ' ',
      el('span', { className: 'when' }, timeOfDay(at), silence > QUIET_DELAY ? ` +${seconds(silence)}` : ''));
    this.element = el('section', { className: `block ${direction} ${place ?? ''} ${other ? 'other' : ''}` }, this.summary, this.#bytes);
    this.fold(folded);
  }

  get folded() {
    return this.element.classList.contains('folded');
  }

  fold(folded) {
    this.element.classList.toggle('folded', folded);
    this.summary.ariaExpanded = String(!folded);
  }

  // Adds bytes to a unit, new or known, and how they left. `render` shows it once: a message may
  // bring very many pieces of one unit.
  add({ unit: number, label, hex, note }, parts) {
    const bytes = fromHex(hex);
    let unit = this.#byNumber.get(number);
    if (!unit) {
      unit = { block: this, label, bytes: new Uint8Array(), size: 0, parts: [], cuts: new Map() };
      unit.element = el('span', { className: `unit ${labelOf(label).class}`, tabIndex: -1,
        role: 'button' });
      unit.element.dataset.label = label;
      unit.aside = el('span', { className: 'aside' });
      this.#byNumber.set(number, unit);
      this.units.push(unit);
      this.#bytes.append(unit.element, unit.aside);
      if (bytes.at(-1) === 10 && !['body', 'ws-payload'].includes(label)) {
        this.#bytes.append(el('br'));
      }
    }
    this.#leave(unit, parts);
    unit.size += bytes.length;
    if (unit.bytes.length < DUMP_BYTES) unit.bytes = joined(unit.bytes, bytes.subarray(0, DUMP_BYTES));
    unit.note = note ?? unit.note;
    this.#size += bytes.length;
    if (labelOf(label).class === 'payload') this.#payload += bytes.length;
    this.#stale.add(unit);
    return unit;
  }

  // A write may hold several units; where another write begins, the unit has a cut.
  #leave(unit, parts) {
    let at = unit.size;
    for (const { write, bytes } of parts) {
      const before = this.#writes.at(-1);
      if (before !== write) {
        if (before) unit.cuts.set(at, write.at - before.at);
        this.#writes.push(write);
      }
      unit.parts.push({ write, bytes });
      at += bytes;
    }
  }

  render() {
    this.#stale.forEach((unit) => this.#renderUnit(unit));
    this.#stale.clear();
    write(this.#parts.what, this.#what());
    write(this.#parts.left, inShort(this.#writes));
    write(this.#parts.preview, this.#preview());
  }

  #renderUnit(unit) {
    const { label, bytes, size, element } = unit;
    unit.masked = isMasked(label, this.direction);
    const hex = BINARY.has(label) || unit.masked;
    const shown = bytes.subarray(0, hex ? 16 : SHOWN_BYTES);
    const marks = new Map([...unit.cuts].filter(([at]) => at < shown.length)
      .map(([at, ms]) => [at, cut(ms)]));
    element.replaceChildren(...(hex ? hexPairs : visible)(shown, marks));
    element.ariaLabel = `${labelOf(label).title}: ${element.textContent}`;
    const rest = size > shown.length ? `… ${formatBytes(size - shown.length)} more ` : '';
    write(unit.aside, rest + aside(unit));
  }

  #what() {
    const share = this.#payload && this.#payload < this.#size ? `, ${this.#payload} payload` : '';
    return `${nameOf(this.units)} · ${formatBytes(this.#size)}${share}`;
  }

  // Shown instead of folded bytes: the payload, or the first line of a head.
  #preview() {
    const said = this.units.filter(({ label }) => ['payload', 'control'].includes(labelOf(label).class));
    if (said.length) return said.map(inWords).join(' ').slice(0, PREVIEW_BYTES);
    const end = this.units.findIndex(({ label }) => label === 'field-name');
    return end === -1 ? '' : this.units.slice(0, end).map(inWords).join('').slice(0, PREVIEW_BYTES);
  }
}

function inWords({ label, bytes, note, masked }) {
  return masked || BINARY.has(label) ? note ?? '' : plain(bytes.subarray(0, PREVIEW_BYTES));
}

// What bytes mean that are not text.
function aside({ label, bytes, note, masked }) {
  if (label === 'ws-first') return frameBits(bytes[0]);
  if (masked || NOTED.has(label)) return note ?? '';
  return '';
}

const frameBits = (byte) => `${byte & 128 ? 'FIN ' : ''}${OPCODES[byte & 15] ?? `opcode ${byte & 15}`}`;

function joined(a, b) {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
