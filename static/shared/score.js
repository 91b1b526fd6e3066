// The score: what arrived, what did not, what it cost, and how late it was.
// It counts what client.js reports and hides nothing: an id that comes twice counts twice.
import { write } from '/shared/dom.js';
import { now } from '/shared/time.js';

const KEPT = 2000; // latencies, enough for a p99 and small enough to sort each second

export class Score {
  #cells;
  #clock;
  #counts = { delivered: 0, missed: 0, duplicated: 0, requests: 0, empty: 0 };
  #latencies = []; // { raw, estimate }: the estimate of the clocks may still improve
  #run = null;
  #seq = 0;
  #started = 0;
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
    // The browser tells whether a poll had to open a connection. It lists streams when they
    // end, and WebSockets never: those count when they open.
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => this.#timing(entry)))
      .observe({ type: 'resource' });
  }

  add({ type, time, sample, gap, url, samples }) {
    const counts = this.#counts;
    if (type === 'started') this.#started = time;
    if (type === 'request') {
      counts.requests++;
      this.#asking = true;
      this.#path = new URL(url, location.href).pathname;
    }
    if (type === 'opened') {
      if (!this.#asking) counts.requests++; // EventSource reconnects without telling the page
      // An answer that ended properly leaves its connection to the next (RFC 9112 §9.3).
      if (!this.#ended) this.#connections++;
      this.#streams = true;
    }
    if (type === 'answered' && samples === 0) counts.empty++;
    if (type === 'answered') this.#polls = true;
    if (['ended', 'cut', 'stopped'].includes(type)) this.#ended = type === 'ended';
    if (['opened', 'answered', 'refused', 'cut', 'ended', 'stopped'].includes(type)) this.#asking = false;
    if (type === 'gap') {
      counts.missed += gap.missed;
      [this.#run, this.#seq] = split(gap.id);
    }
    if (type === 'sample') this.#deliver(sample, time);
  }

  #deliver(sample, time) {
    const [run, seq] = split(sample.id);
    if (run === this.#run && seq <= this.#seq) {
      this.#counts.duplicated++;
      return;
    }
    // A hole that nobody announced is a fault of the server, and is counted all the same.
    if (run === this.#run) this.#counts.missed += seq - this.#seq - 1;
    [this.#run, this.#seq] = [run, seq];
    this.#counts.delivered++;
    // What was published while this page was not running says nothing about the technique.
    if (this.#clock.local(sample.at) < this.#started) return;
    this.#latencies.push({ raw: time - sample.at - 0.5, estimate: this.#clock.estimate });
    if (this.#latencies.length > KEPT) this.#latencies.shift();
  }

  #timing(entry) {
    const { name, fetchStart, connectEnd, transferSize } = entry;
    if (!this.#polls || new URL(name).pathname !== this.#path) return;
    if (transferSize === 0) return; // nobody answered
    // The first may have reused the connection that brought the page: that is one, too.
    if (connectEnd !== fetchStart || this.#connections === 0) this.#connections++;
  }

  render() {
    const { delivered, missed, duplicated, requests, empty } = this.#counts;
    const { error } = this.#clock.estimate;
    this.#show('delivered', delivered);
    this.#show('missed', missed);
    this.#show('duplicated', duplicated);
    this.#show('requests', requests);
    this.#show('empty', this.#streams ? '–' : empty);
    this.#show('connections', this.#connections || '–');
    if (now() < this.#sortAt) return;
    this.#sortAt = now() + 1000;
    const sorted = this.#latencies.map(({ raw, estimate }) => raw + estimate.offset)
      .sort((a, b) => a - b);
    for (const [name, part] of Object.entries({ p50: 0.5, p99: 0.99 })) {
      const latency = sorted[Math.ceil(sorted.length * part) - 1];
      const known = latency !== undefined && error < Infinity;
      this.#show(name, known ? milliseconds(latency) : '–');
      write(this.#cells[name].error, known ? `± ${milliseconds(Math.ceil(error))}` : '');
    }
  }

  #show(name, value) {
    write(this.#cells[name].value, String(value));
  }
}

const split = (id) => {
  const dash = id.lastIndexOf('-');
  return [id.slice(0, dash), Number(id.slice(dash + 1))];
};

// The estimate can put an arrival before its publication; that only means "at once".
function milliseconds(ms) {
  if (ms < 1) return '<1 ms';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s`;
}
