// The score: what arrived, what did not, what it cost, and how late it was, as client.js
// reports it.
import { write } from '/shared/dom.js';
import { latency } from '/shared/format.js';
import { Tally } from '/shared/tally.js';
import { now } from '/shared/time.js';

export class Score {
  #cells;
  #clock;
  #tally;
  #requests = 0;
  #empty = 0; // responses
  #asking = false;
  #path = null;
  #ended = false; // the last answer, properly
  #connections = 0;
  #polls = false;
  #streams = false;
  #sortAt = 0;

  constructor(cells, clock) {
    this.#cells = cells;
    this.#clock = clock;
    this.#tally = new Tally(clock);
    // The browser tells whether a poll had to open a connection. It lists streams when they
    // end, and WebSockets never: those count when they open.
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => this.#timing(entry)))
      .observe({ type: 'resource' });
  }

  add(event) {
    this.#tally.add(event);
    const { type, url, samples } = event;
    if (type === 'request') {
      this.#requests++;
      this.#asking = true;
      this.#path = new URL(url, location.href).pathname;
    }
    if (type === 'opened') {
      if (!this.#asking) this.#requests++; // EventSource reconnects without telling the page
      // An answer that ended properly leaves its connection to the next (RFC 9112 §9.3).
      if (!this.#ended) this.#connections++;
      this.#streams = true;
    }
    if (type === 'answered' && samples === 0) this.#empty++;
    if (type === 'answered') this.#polls = true;
    if (['ended', 'cut', 'stopped'].includes(type)) this.#ended = type === 'ended';
    if (['opened', 'answered', 'refused', 'cut', 'ended', 'stopped'].includes(type)) this.#asking = false;
  }

  #timing(entry) {
    const { name, fetchStart, connectEnd, transferSize } = entry;
    if (!this.#polls || new URL(name).pathname !== this.#path) return;
    if (transferSize === 0) return; // nobody answered
    // The first may have reused the connection that brought the page: that is one, too.
    if (connectEnd !== fetchStart || this.#connections === 0) this.#connections++;
  }

  render() {
    const { delivered, missed, duplicated } = this.#tally;
    this.#show('delivered', delivered);
    this.#show('missed', missed);
    this.#show('duplicated', duplicated);
    this.#show('requests', this.#requests);
    this.#show('empty', this.#streams ? '–' : this.#empty);
    this.#show('connections', this.#connections || '–');
    if (now() < this.#sortAt) return;
    this.#sortAt = now() + 1000;
    const { error } = this.#clock.estimate;
    for (const [name, part] of Object.entries({ p50: 0.5, p99: 0.99 })) {
      const value = this.#tally.latency(part);
      this.#show(name, latency(value));
      write(this.#cells[name].error, value === undefined ? '' : `± ${latency(Math.ceil(error))}`);
    }
  }

  #show(name, value) {
    write(this.#cells[name].value, String(value));
  }
}
