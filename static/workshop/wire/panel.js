// Explains one unit: its title, its purpose, what it says here, its reference, its bits where they
// matter, and a hex dump of its bytes and their neighbours.
import { el } from '/shared/dom.js';
import { formatBytes } from '/shared/format.js';
import { characters, toHex } from '/workshop/wire/bytes.js';
import { CLASSES, OPCODES, labelOf } from '/workshop/wire/labels.js';
import { inFull } from '/workshop/wire/writes.js';

const ROW_BYTES = 8; // in a row of the dump
const CONTEXT_BYTES = 128; // in the dump, on each side of the unit

export class Panel {
  #box;
  #stream;
  #dump;

  // `stream` highlights what is pointed at here: `light(unit, on)`, `choose(unit)`, `unpick()`.
  constructor(box, stream) {
    this.#box = box;
    this.#stream = stream;
  }

  show(unit) {
    this.#box.classList.toggle('empty', !unit);
    if (!unit) return this.#box.replaceChildren(...legend());
    const { title, class: kind, explains, reference } = labelOf(unit.label);
    const close = el('button', { className: 'quiet close' }, 'Close');
    close.addEventListener('click', () => this.#stream.unpick());
    const left = inFull(unit.parts);
    this.#box.replaceChildren(
      el('h2', {}, el('span', { className: `unit ${kind}` }, kind), ` ${title}`),
      close,
      el('p', {}, explains),
      ...(unit.note ? [el('p', { className: 'note' }, unit.note)] : []),
      ...(left ? [el('p', { className: 'left' }, left)] : []),
      ...(BITS[unit.label]?.(unit.bytes[0]) ?? []),
      this.#bytes(unit),
      el('p', { className: 'reference' }, formatBytes(unit.size), reference ? ` · ${reference}` : ''));
    this.#box.scrollTop = 0;
    this.#dump.querySelector('.own')?.scrollIntoView({ block: 'nearest' });
  }

  // The bytes of the unit's block, from a little before the unit.
  #bytes(unit) {
    const all = unit.block.units.flatMap((owner) => {
      const signs = characters(owner.bytes);
      return Array.from(owner.bytes, (byte, i) => ({ byte, owner, sign: signs[i] }));
    });
    const first = all.findIndex(({ owner }) => owner === unit);
    const from = Math.max(0, Math.floor((first - CONTEXT_BYTES) / ROW_BYTES) * ROW_BYTES);
    const some = all.slice(from, first + unit.bytes.length + CONTEXT_BYTES);
    const rows = [];
    for (let at = 0; at < some.length; at += ROW_BYTES) rows.push(row(from + at, some.slice(at, at + ROW_BYTES), unit));
    this.#dump = el('div', { className: 'dump', tabIndex: 0, role: 'group',
      'aria-label': 'The bytes in hex and as text' }, ...rows);
    this.#dump.addEventListener('pointerover', ({ target }) => this.#light(some, from, target, true));
    this.#dump.addEventListener('pointerout', ({ target }) => this.#light(some, from, target, false));
    this.#dump.addEventListener('click', ({ target }) => {
      const { at } = target.dataset;
      if (at) this.#stream.choose(some[at - from].owner);
    });
    return this.#dump;
  }

  // Highlights a byte, in hex and as text, and its unit in the stream.
  #light(some, from, target, on) {
    const { at } = target.dataset;
    if (!at) return;
    for (const twin of this.#dump.querySelectorAll(`[data-at='${at}']`)) twin.classList.toggle('lit', on);
    this.#stream.light(some[at - from].owner, on);
  }
}

function row(offset, bytes, unit) {
  const cell = (text, { owner }, at) => {
    const span = el('span', { className: owner === unit ? 'own' : '' }, text);
    span.dataset.at = at;
    return span;
  };
  return el('div', { className: 'bytes-row' },
    el('span', { className: 'offset' }, offset.toString(16).padStart(4, '0')),
    el('span', { className: 'hex' }, ...bytes.map((entry, i) => cell(toHex(entry.byte), entry, offset + i))),
    el('span', { className: 'text' }, ...bytes.map((entry, i) => cell(entry.sign ?? '·', entry, offset + i))));
}

// RFC 6455 §5.2: what the bits of the first two bytes of a frame mean.
const BITS = {
  'ws-first': (byte) => {
    const opcode = byte & 15;
    return bits(byte, [['FIN', 1], ['RSV1', 1], ['RSV2', 1], ['RSV3', 1],
      [`opcode ${opcode}: ${OPCODES[opcode] ?? 'reserved'}`, 4]]);
  },
  'ws-length': (byte) => {
    const length = byte & 127;
    const meaning = { 126: '126: see the next 2 bytes', 127: '127: see the next 8 bytes' };
    return bits(byte, [['mask', 1], [meaning[length] ?? `length ${length}`, 7]]);
  },
};

function bits(byte, fields) {
  let at = 0;
  const binary = byte.toString(2).padStart(8, '0');
  return [el('dl', { className: 'bits' }, ...fields.map(([name, length]) => {
    const digits = [...binary.slice(at, (at += length))];
    const field = el('div', {}, el('dt', {}, name), el('dd', {}, ...digits.map((bit) => el('span', {}, bit))));
    field.style.setProperty('--bits', length);
    return field;
  }))];
}

// While nothing is pointed at: how to begin, and what the classes mean.
function legend() {
  return [el('h2', {}, 'Byte by byte'),
    el('p', {}, 'Point at a part, tap it, or move with the arrow keys: it is explained here.'),
    el('dl', { className: 'classes' }, ...Object.entries(CLASSES).map(([name, meaning]) =>
      el('div', {}, el('dt', {}, el('span', { className: `unit ${name}` }, name)), el('dd', {}, meaning))))];
}
