// The bytes as they come: blocks one below the other. What is old leaves; it scrolls only for
// a reader who is at the end; one part at a time can be pointed at, or walked to by keyboard.
import { el, write } from '/shared/dom.js';
import { Block } from '/workshop/wire-block.js';
import { inTurn } from '/workshop/wire-writes.js';

const MOST = 2000; // units on the screen
const NARROW = matchMedia('(max-width: 62rem)'); // the panel takes the place of other things: only on a click
const NEAR = 24; // px from the end that still count as the end

export class Stream {
  #box = document.querySelector('#stream');
  #newest = document.querySelector('#newest');
  #blocks = []; // and lines between them, in order
  #latest = {}; // by direction
  #units = new WeakMap(); // element → unit
  #owners = new WeakMap(); // summary → block
  #count = 0;
  #unread = 0;
  #folded; // as the reader wants it; else what the page loads besides is folded
  #since = NaN; // when the last bytes came
  #picked; // the unit that was chosen, and stays
  #at; // where the keyboard is
  #pointer = '';
  #show;

  // `show(unit)` explains a unit; without one, nothing is explained.
  constructor(show) {
    this.#show = show;
    const box = this.#box;
    box.addEventListener('scroll', () => this.#atEnd() && this.#read());
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
      this.#toEnd();
    });
    new ResizeObserver(() => this.#unread === 0 && this.#toEnd()).observe(box);
  }

  // Adds messages, and lines of text between them.
  add(items) {
    const follow = this.#follows();
    const touched = new Set(items.flatMap((item) =>
      (item.pieces ? this.#bytes(item) : this.#line(item))));
    touched.forEach((block) => block.render());
    while (this.#count > MOST && this.#blocks.length > 1) this.#drop();
    if (follow) return this.#toEnd();
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

  // Another connection: what comes belongs to no block that is there.
  part() {
    this.#latest = {};
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

  // Lights a unit up, from outside.
  light(unit, on) {
    unit.element.classList.toggle('lit', on);
  }

  choose(unit) {
    if (!unit.element.isConnected) return;
    unit.block.fold(false);
    unit.element.focus();
  }

  // The blocks that they belong to.
  #bytes({ at, direction, pieces, writes, other }) {
    const left = inTurn(writes);
    return pieces.map((piece) => {
      let block = this.#latest[direction];
      if (!block || block.group !== piece.group) {
        const { group } = piece;
        const folded = this.#folded ?? other;
        block = new Block({ at, direction, group, since: this.#since, folded, other });
        this.#latest[direction] = block;
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

  // The oldest leaves; a reader who looks at something keeps it under the eye.
  #drop() {
    const block = this.#blocks.shift();
    const height = block.element.getBoundingClientRect().height;
    const { scrollTop } = this.#box;
    if (block.element.contains(document.activeElement)) this.#box.focus({ preventScroll: true });
    block.element.remove();
    this.#count -= block.units.length;
    if (this.#unread) this.#box.scrollTop = scrollTop - height;
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #follows() {
    return this.#atEnd() && !this.#picked && !this.#box.contains(document.activeElement?.closest('.whole'));
  }

  #toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#read();
  }

  #read() {
    this.#unread = 0;
    this.#offer();
  }

  #offer() {
    this.#newest.hidden = this.#unread === 0;
    write(this.#newest, `↓ Newest (${this.#unread} more)`);
  }

  // Bytes that move under a pointer at rest are not pointed at.
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

  // From where the keyboard is, or was; else from what can be seen first.
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
