// Counts the samples that a page reports, and hides nothing: how many were delivered, missed
// and duplicated, and how late they came. Score shows it on a technique's own page; the
// workshop keeps one for each page in a frame.
const HOLES_CAPACITY = 2000; // numbers that may still come, overtaken by others
const LATENCY_CAPACITY = 2000; // enough for a p99 and small enough to sort each second

export class Tally {
  delivered = 0;
  missed = 0;
  duplicated = 0;
  outOfOrder = 0; // delivered after a sample with a larger number
  newest = 0; // number of the newest sample
  abortedConnection = false; // whether this page has aborted one, and samples may be lost to it
  #run = null;
  #first = 0; // number of the first sample that came of this run
  #early = new Set(); // smaller numbers that came after it
  #holes = new Set(); // numbers of this run that were counted as missed without a gap
  #clock;
  #started = 0;
  #latencies = []; // { raw, estimate }: the estimate of the clocks may still improve

  constructor(clock) {
    this.#clock = clock;
  }

  add({ type, time, sample, gap, ms }) {
    if (type === 'started') this.#started = time;
    if (type === 'failed' && ms !== undefined) this.abortedConnection = true;
    if (type === 'gap') this.#skip(gap);
    if (type === 'sample') this.#deliver(sample, time);
  }

  #skip({ missed, id }) {
    this.missed += missed;
    const [run, seq] = split(id);
    if (run !== this.#run) this.#begin(run, seq);
    // Announced on a stream, it may be overtaken by samples after it.
    else this.newest = Math.max(this.newest, seq);
  }

  #begin(run, newest) {
    [this.#run, this.newest, this.#first] = [run, newest, newest + 1];
    this.#holes.clear();
    this.#early.clear();
  }

  #deliver({ id, at }, time) {
    const [run, seq] = split(id);
    if (run !== this.#run) this.#begin(run, seq - 1);
    if (seq > this.newest) this.#passOver(seq);
    else if (this.#holes.delete(seq)) {
      this.missed--;
      this.outOfOrder++;
    } else if (seq < this.#first && !this.#early.has(seq)) {
      keep(this.#early, seq);
      this.outOfOrder++;
    } else {
      this.duplicated++;
      return;
    }
    this.delivered++;
    // What was published before the page ran says nothing about the technique.
    if (this.#clock.local(at) < this.#started) return;
    this.#latencies.push({ raw: time - at - 0.5, estimate: this.#clock.estimate });
    if (this.#latencies.length > LATENCY_CAPACITY) this.#latencies.shift();
  }

  // A hole without a gap message is counted as missed, until what is missing arrives: over TCP
  // it is the server's fault, and over UDP it is lost, or overtaken.
  #passOver(seq) {
    this.missed += seq - this.newest - 1;
    for (let hole = Math.max(this.newest + 1, seq - HOLES_CAPACITY); hole < seq; hole++) {
      keep(this.#holes, hole);
    }
    this.newest = seq;
  }

  // The ms that this part of the latencies did not exceed: 0.5 for the median. None while
  // there are none, or the offset of the server's clock is unknown.
  latency(part) {
    if (!this.#latencies.length || this.#clock.estimate.error === Infinity) return undefined;
    const sorted = this.#latencies.map(({ raw, estimate }) => raw + estimate.offset)
      .sort((a, b) => a - b);
    // The estimate can put an arrival before its publication; that only means "at once".
    return Math.max(0, sorted[Math.ceil(sorted.length * part) - 1]);
  }
}

// Adds a number, and forgets the oldest of too many.
function keep(numbers, seq) {
  numbers.add(seq);
  if (numbers.size > HOLES_CAPACITY) numbers.delete(numbers.values().next().value);
}

const split = (id) => {
  const dash = id.lastIndexOf('-');
  return [id.slice(0, dash), Number(id.slice(dash + 1))];
};
