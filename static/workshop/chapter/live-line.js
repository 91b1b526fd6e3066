// On a phone the cards are below the live page: a line on top of them says what goes on in it. A
// screen reader hears that from the page itself.
import { el, mark, write } from '/shared/dom.js';
import { Status } from '/shared/status.js';
import { now } from '/shared/time.js';

const RENDER_INTERVAL = 200; // ms

export class LiveLine {
  #status;
  #newest = el('span', { className: 'number' });

  constructor() {
    const shape = mark('');
    const words = el('span', { className: 'words' });
    this.element = el('p', { className: 'status live-line', ariaHidden: 'true' }, shape, words,
      this.#newest);
    this.#status = new Status({ box: this.element, shape: shape.firstChild, words,
      note: el('span'), summary: el('span') });
    setInterval(() => this.#status.render(now()), RENDER_INTERVAL);
  }

  add(event) {
    this.#status.add({ time: now(), ...event });
    if (event.type === 'sample') write(this.#newest, `#${event.sample.seq}`);
  }
}
