// One technique: its own page in a frame, which server each of its samples came from, and its score.
import { el, write } from '/shared/dom.js';
import { Tally } from '/shared/tally.js';
import { TITLES } from '/shared/titles.js';

const SAMPLE_CAPACITY = 8; // shown in a lane
export const recent = (newest) =>
  Array.from({ length: SAMPLE_CAPACITY }, (_, place) => newest - SAMPLE_CAPACITY + 1 + place);

// The number of the server that has responded last: nginx sets a cookie with it, since no page
// can read the header of an EventSource or a WebSocket. Cookies are the same for all ports of a
// host (RFC 10025 §8.5).
function serverOf(technique) {
  const cookies = document.cookie.split('; ').map((cookie) => cookie.split('='));
  return cookies.find(([name]) => name === `server-${technique}`)?.[1] ?? '';
}

export class Lane {
  server = ''; // the number of the server that it is at; empty while it is disconnected
  tally;
  restarts = 0; // how often the samples began anew
  #technique;
  #origin;
  #clock;
  #changed;
  #from = new Map(); // number of a sample → of the server that it came from
  #place = el('div', { className: 'page' });
  #digits = recent(0).map(() => el('li'));
  #score = el('p', { className: 'given' });
  #frame = null;

  constructor(technique, port, clock, changed) {
    this.#technique = technique;
    this.#origin = `${location.protocol}//${location.hostname}:${port}`;
    this.#clock = clock;
    this.#changed = changed;
    this.tally = new Tally(clock);
    this.element = el('li', { className: 'lane' }, this.#place, el('ol', {}, ...this.#digits), this.#score);
    this.element.dataset.technique = technique;
    addEventListener('message', ({ source, origin, data }) => {
      if (source === this.#frame?.contentWindow && origin === this.#origin) this.#hear(data.event);
    });
  }

  get technique() {
    return this.#technique;
  }

  get report() {
    const { delivered, missed, duplicated } = this.tally;
    return { server: this.server, delivered, missed, duplicated };
  }

  // The page inside learns from the referrer to which origin it may report.
  start() {
    if (this.#frame) return;
    this.tally = new Tally(this.#clock);
    this.#from.clear();
    this.#frame = el('iframe', { title: `${TITLES[this.#technique]}, live`,
      src: `${this.#origin}/`, referrerPolicy: 'origin' });
    this.#place.replaceChildren(this.#frame);
  }

  stop() {
    this.#frame?.remove();
    this.#frame = null;
  }

  #hear(event) {
    this.tally.add(event);
    if (['opened', 'response', 'sample'].includes(event.type)) this.server = serverOf(this.#technique);
    if (event.type === 'failed') this.server = '';
    if (event.type === 'gap' && event.gap.restarted) {
      this.#from.clear();
      this.restarts++;
    }
    if (event.type === 'sample') {
      this.#from.set(event.sample.seq, this.server);
      this.#from.delete(event.sample.seq - 10 * SAMPLE_CAPACITY);
    }
    this.#changed();
  }

  show(newest) {
    const first = Math.min(...this.#from.keys());
    recent(newest).forEach((number, place) => {
      const server = this.#from.get(number);
      write(this.#digits[place], server ?? (number > first ? '·' : ''));
    });
    const { delivered, missed, duplicated } = this.tally;
    const restarts = this.restarts ? `, ${this.restarts} restart${this.restarts > 1 ? 's' : ''}` : '';
    write(this.#score, `${delivered} delivered, ${missed} missed, ${duplicated} duplicated${restarts}`);
  }
}
