// Counts what the page inside a frame reports: delivered, missed, duplicated, and how late.
export class Tally {
  delivered = 0;
  missed = 0;
  duplicated = 0;
  newest = 0; // number of the newest sample
  gaveUp = false; // whether the page has ever left a connection to itself
  #run = null;
  #clock;
  #started = 0;
  #delays = []; // device's clock minus server's, to be corrected when read

  constructor(clock) {
    this.#clock = clock;
  }

  add({ type, time, sample, gap, ms }) {
    if (type === 'started') this.#started = time;
    if (type === 'cut' && ms !== undefined) this.gaveUp = true;
    if (type === 'gap') {
      this.missed += gap.missed;
      [this.#run, this.newest] = split(gap.id);
    }
    if (type === 'sample') this.#deliver(sample, time);
  }

  #deliver({ id, at }, time) {
    const [run, seq] = split(id);
    if (run === this.#run && seq <= this.newest) {
      this.duplicated++;
      return;
    }
    // A hole that nobody announced counts all the same.
    if (run === this.#run) this.missed += seq - this.newest - 1;
    [this.#run, this.newest] = [run, seq];
    this.delivered++;
    // What was published before the page ran says nothing about the technique.
    if (this.#clock.local(at) >= this.#started) this.#delays.push(time - at - 0.5);
  }

  // The delay in ms that this part of the samples did not exceed; none, while unknown.
  latency(part) {
    const { offset, error } = this.#clock.estimate;
    if (!this.#delays.length || error === Infinity) return undefined;
    const sorted = this.#delays.toSorted((a, b) => a - b);
    return Math.max(0, sorted[Math.ceil(sorted.length * part) - 1] + offset);
  }
}

function split(id) {
  const dash = id.lastIndexOf('-');
  return [id.slice(0, dash), Number(id.slice(dash + 1))];
}
