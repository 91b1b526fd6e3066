// One lane of the comparison: the page of a technique, and the samples that it has got.
import { el, write } from '/shared/dom.js';
import { Tally } from '/shared/tally.js';
import { frame, removeFrame } from '/workshop/lib/frames.js';
import { title } from '/workshop/lib/techniques.js';

const SAMPLE_CAPACITY = 8; // shown in a lane
const recent = (newest) => Array.from({ length: SAMPLE_CAPACITY }, (_, place) => newest - SAMPLE_CAPACITY + 1 + place);

// The numbers above the lanes' dots: the last three digits, for want of room.
export function numbers(box, newest) {
  if (box.childElementCount === 0) {
    box.append(el('span'), el('div', { className: 'dots' }, ...recent(0).map(() => el('span'))));
  }
  recent(newest).forEach((number, place) =>
    write(box.lastChild.children[place], number > 0 ? `${number}`.slice(-3) : ''));
}

export class Lane {
  tally;
  #clock;
  #changed;
  #where; // of the page, if it is not the technique's own
  #got = new Set(); // numbers of the samples that came
  #frame;
  #place = el('div', { className: 'page' });
  #dots = recent(0).map(() => el('span'));
  #words = el('span', { className: 'unseen' });

  constructor(technique, clock, changed, where = {}) {
    this.technique = technique;
    this.#clock = clock;
    this.#changed = changed;
    this.#where = where;
    this.tally = new Tally(clock);
    this.element = el('li', { className: 'lane' }, this.#place,
      el('div', { className: 'dots' }, this.#words, ...this.#dots));
    this.element.dataset.technique = technique;
  }

  async start() {
    this.reset();
    this.#got.clear();
    this.#frame = await frame(this.technique, (event) => {
      this.tally.add(event);
      if (event.type === 'gap' && event.gap.restarted) this.#got.clear();
      if (event.type !== 'sample') return;
      this.#got.add(event.sample.seq);
      this.#got.delete(event.sample.seq - 10 * SAMPLE_CAPACITY);
      this.#changed(this);
    }, this.#where);
    this.#place.replaceChildren(this.#frame);
  }

  stop() {
    if (this.#frame) removeFrame(this.#frame);
    this.#frame = null;
  }

  reset() {
    this.tally = new Tally(this.#clock);
  }

  // A full dot: the sample has arrived. An empty one: it was published, and has not.
  show(newest) {
    const first = Math.min(...this.#got);
    recent(newest).forEach((number, place) => {
      const has = this.#got.has(number);
      const dot = this.#dots[place];
      write(dot, has ? '●' : number > first ? '○' : '');
      dot.className = has ? 'has' : '';
    });
    const has = Math.max(0, ...this.#got);
    write(this.#words, `${title(this.technique)} has #${has} of #${newest}.`);
  }
}
