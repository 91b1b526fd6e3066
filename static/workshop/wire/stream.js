// The bytes as they come: blocks one below the other. The oldest are removed. It scrolls only for
// a reader at the end, and not past the request with which a client comes back. One part at a time
// can be pointed at, or reached by keyboard.
import { el, write } from '/shared/dom.js';
import { Block } from '/workshop/wire/block.js';
import { inTurn } from '/workshop/wire/writes.js';

const UNIT_LIMIT = 2000; // units on the screen
const NARROW = matchMedia('(max-width: 62rem)'); // the panel covers the tools: it opens on a click only
const END_LIMIT = 24; // px from the end that still count as the end

export class Stream {
  #box = document.querySelector('#stream');
  #newest = document.querySelector('#newest');
  #blocks = []; // and lines between them, in order
  #latest = {}; // by side and direction
  #units = new WeakMap(); // element → unit
  #owners = new WeakMap(); // summary → block
  #count = 0;
  #unread = 0;
  #slip = 0; // the part of a px by which what is in view was moved, since it scrolls by whole ones
  #pinned; // the element of a reconnection's first request: in view until the reader goes on to the end
  #put = 0; // where this scrolled to: at another place, the reader scrolled
  #folded; // what the reader chose; before that, only what is not of the technique is folded
  #since = NaN; // when the last bytes came
  #picked; // the unit that was clicked: it stays explained
  #at; // the element that has, or had, the focus
  #pointer = '';
  #show;

  // `show(unit)` explains a unit; without one, nothing is explained.
  constructor(show) {
    this.#show = show;
    const box = this.#box;
    box.addEventListener('scroll', () => this.#unread > 0 && this.#atEnd() && this.#read());
    box.addEventListener('pointermove', (event) => this.#point(event));
    box.addEventListener('click', ({ target }) => this.#click(target));
    box.addEventListener('keydown', (event) => this.#key(event));
    box.addEventListener('focusin', ({ target }) => {
      const unit = this.#units.get(target);
      if (unit) this.#pick(unit);
      if (target !== box) this.#at = target;
    });
    this.#newest.addEventListener('click', () => {
      this.unpick();
      this.#read();
      this.#toEnd();
    });
    new ResizeObserver(() => (this.#unread === 0 || this.#atPinned()) && this.#toEnd()).observe(box);
  }

  // Adds messages, and lines of text between them.
  add(items) {
    const follow = this.#follows();
    const atPinned = this.#atPinned();
    // At the end of a response, what came last is the news, and not its request.
    const ended = atPinned && items.some(({ kind, ends }) => ends || kind === 'end');
    const touched = new Set();
    let reconnection; // the element to pin
    for (const item of items) {
      const blocks = item.pieces ? this.#bytes(item) : this.#line(item);
      blocks.forEach((block) => touched.add(block));
      if (item.pin) reconnection = blocks[0].element;
    }
    touched.forEach((block) => block.render());
    if (this.#count > UNIT_LIMIT) this.#dropOldest();
    const pin = reconnection && (follow || atPinned);
    const over = ended || atPinned && !this.#pinned.isConnected; // or so old that it is removed
    if (pin || over) this.#pinned = reconnection;
    if (follow || pin || over) this.#toEnd();
    if (this.#atEnd()) return;
    this.#unread += items.length;
    this.#offer();
  }

  clear() {
    this.#box.replaceChildren();
    this.#blocks = [];
    this.#latest = {};
    this.#count = 0;
    this.#since = NaN;
    this.unpick();
    this.#read();
  }

  // Another connection begins on a side: its bytes belong to no block that is shown.
  part(side) {
    for (const direction of ['up', 'down']) delete this.#latest[side + direction];
    this.#since = NaN;
  }

  fold(folded) {
    this.#folded = folded;
    for (const block of this.#blocks) block.fold?.(folded);
    if (this.#follows()) this.#toEnd();
  }

  unpick() {
    this.#picked?.element.classList.remove('picked');
    this.#picked = null;
    this.#show(null);
  }

  // Highlights a unit, for the panel.
  light(unit, on) {
    unit.element.classList.toggle('lit', on);
  }

  choose(unit) {
    if (!unit.element.isConnected) return;
    unit.block.fold(false);
    unit.element.focus();
  }

  // Returns the blocks to which the pieces belong.
  #bytes({ at, side, place, direction, pieces, writes, other }) {
    const left = inTurn(writes);
    return pieces.map((piece) => {
      let block = this.#latest[side + direction];
      if (!block || block.group !== piece.group) {
        const { group } = piece;
        const folded = this.#folded ?? other;
        block = new Block({ at, direction, group, since: this.#since, folded, other, place });
        this.#latest[side + direction] = block;
        this.#owners.set(block.summary, block);
        this.#blocks.push(block);
        this.#box.append(block.element);
      }
      const before = block.units.length;
      const unit = block.add(piece, left(piece.hex.length / 2));
      this.#units.set(unit.element, unit);
      this.#count += block.units.length - before;
      this.#since = at;
      return block;
    });
  }

  #line({ text, kind }) {
    const element = el('p', { className: `line ${kind ?? ''}` }, text);
    this.#blocks.push({ element, units: [] });
    this.#box.append(element);
    return [];
  }

  // Removes the oldest blocks; what the reader looks at keeps its place.
  #dropOldest() {
    const newest = this.#blocks.at(-1).element;
    const atPinned = this.#atPinned();
    const before = newest.getBoundingClientRect().top - this.#slip;
    while (this.#count > UNIT_LIMIT && this.#blocks.length > 1) {
      const { element, units } = this.#blocks.shift();
      if (element.contains(document.activeElement)) this.#box.focus({ preventScroll: true });
      element.remove();
      this.#count -= units.length;
    }
    if (!this.#unread) return;
    this.#box.scrollTop += newest.getBoundingClientRect().top - before;
    if (atPinned) this.#put = this.#box.scrollTop;
    const slip = newest.getBoundingClientRect().top - before;
    this.#slip = Math.abs(slip) < 1 ? slip : 0; // what was in view itself is removed: there is no more place to keep
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight < END_LIMIT;
  }

  #follows() {
    return this.#atEnd() && !this.#picked && !this.#box.contains(document.activeElement?.closest('.whole'));
  }

  // As far down as the pinned element allows.
  #toEnd() {
    this.#box.scrollTop = Math.min(this.#box.scrollHeight, this.#limit());
    this.#put = this.#box.scrollTop;
    if (!this.#atEnd()) return;
    this.#unread = 0;
    this.#offer();
  }

  // How far down the pinned element allows. It is in view as a whole where it fits, and above it, if
  // there is room, the line that says how the connection before ended, and what came on it last.
  #limit() {
    if (!this.#pinned?.isConnected) return Infinity;
    let first = this.#pinned;
    while (!first.matches('.end') && first.previousElementSibling?.matches('.line, .other.folded')) {
      first = first.previousElementSibling;
    }
    if (first.matches('.end')) first = first.previousElementSibling ?? first;
    const { top, bottom } = this.#pinned.getBoundingClientRect();
    const before = first.getBoundingClientRect().top;
    const limit = Math.max(before, Math.min(top, bottom - this.#box.clientHeight));
    return limit - this.#box.getBoundingClientRect().top + this.#box.scrollTop;
  }

  // Whether the reader has not scrolled away from the pinned element, in a window of whatever size.
  #atPinned() {
    return this.#pinned && !this.#picked && Math.abs(this.#box.scrollTop - this.#put) < END_LIMIT;
  }

  #read() {
    this.#pinned = null;
    this.#unread = 0;
    this.#offer();
  }

  #offer() {
    this.#newest.hidden = this.#unread === 0;
    write(this.#newest, `↓ Newest (${this.#unread} more)`);
  }

  // Bytes that scroll under a pointer at rest are not explained.
  #point({ target, pointerType, clientX, clientY }) {
    const pointer = `${clientX} ${clientY}`;
    if (pointer === this.#pointer || this.#picked || pointerType === 'touch' || NARROW.matches) return;
    this.#pointer = pointer;
    const unit = this.#units.get(target.closest('.unit'));
    if (unit) this.#show(unit);
  }

  #click(target) {
    const block = this.#owners.get(target.closest('.whole'));
    if (block) block.fold(!block.folded);
    const unit = this.#units.get(target.closest('.unit'));
    if (unit) this.#pick(unit); // again, after it was closed
    else if (!block) this.unpick();
  }

  #pick(unit) {
    this.unpick();
    this.#picked = unit;
    unit.element.classList.add('picked');
    this.#show(unit);
    unit.element.scrollIntoView({ block: 'nearest' });
  }

  #key(event) {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (altKey || ctrlKey || metaKey) return;
    if (key === 'Escape') {
      this.unpick();
      this.#box.focus({ preventScroll: true });
      return event.preventDefault();
    }
    const selector = ['ArrowUp', 'ArrowDown'].includes(key) ? '.whole'
      : ['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(key)
        ? '.whole, .block:not(.folded) .unit' : null;
    if (!selector) return;
    event.preventDefault();
    const items = [...this.#box.querySelectorAll(selector)];
    this.#next(items, key, target)?.focus();
  }

  // From the element that has, or had, the focus; otherwise from the first one in view.
  #next(items, key, target) {
    if (key === 'Home') return items[0];
    if (key === 'End') return items.at(-1);
    const step = key === 'ArrowLeft' || key === 'ArrowUp' ? -1 : 1;
    if (target === this.#box) {
      if (this.#at?.isConnected) return this.#at;
      const { top } = this.#box.getBoundingClientRect();
      return items.find((item) => item.getBoundingClientRect().top >= top);
    }
    const index = items.indexOf(target);
    if (index !== -1) return items[index + step] ?? target;
    // Up from a unit leads to its own whole, down to the next one.
    const own = items.indexOf(target.closest('.block').firstChild);
    return items[step < 0 ? own : own + 1] ?? target;
  }
}
