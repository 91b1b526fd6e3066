// The score: samples delivered and missed, what they cost, and their latency, as client.js
// reports them.
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
  #requestPending = false;
  #path = null;
  #endedCleanly = false; // the last response ended without an error
  #connections = 0;
  #isPolling = false;
  #isStreaming = false;
  #nextSortTime = 0; // ms

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
      this.#requestPending = true;
      this.#path = new URL(url, location.href).pathname;
    }
    if (type === 'opened') {
      if (!this.#requestPending) this.#requests++; // EventSource reconnects without telling the page
      // A response that ended cleanly leaves its connection to the next request (RFC 9112 §9.3).
      if (!this.#endedCleanly) this.#connections++;
      this.#isStreaming = true;
    }
    if (type === 'response' && samples === 0) this.#empty++;
    if (type === 'response') this.#isPolling = true;
    if (['ended', 'failed', 'stopped'].includes(type)) this.#endedCleanly = type === 'ended';
    if (['opened', 'response', 'refused', 'failed', 'ended', 'stopped'].includes(type)) this.#requestPending = false;
  }

  #timing(entry) {
    const { name, fetchStart, connectEnd, transferSize } = entry;
    if (!this.#isPolling || new URL(name).pathname !== this.#path) return;
    if (transferSize === 0) return; // no response came
    // The first may have reused the connection that brought the page: that is one, too.
    if (connectEnd !== fetchStart || this.#connections === 0) this.#connections++;
  }

  render() {
    const { delivered, missed, duplicated, outOfOrder } = this.#tally;
    this.#show('delivered', delivered);
    this.#show('missed', missed);
    this.#show('duplicated', duplicated);
    this.#show('requests', this.#requests);
    if (this.#cells.disorder) this.#show('disorder', outOfOrder);
    else this.#show('empty', this.#isStreaming ? '–' : this.#empty);
    this.#show('connections', this.#connections || '–');
    if (now() < this.#nextSortTime) return;
    this.#nextSortTime = now() + 1000;
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
