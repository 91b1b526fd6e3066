// The samples that reach one technique's clients, on all devices together, as the lens counts them.
// "Waiting" means that samples were published and none has arrived since.
import { formatNumber, wholeSeconds } from '/shared/format.js';

const RATE_INTERVAL = 3000; // ms over which the rate is taken
const NOTICE_DELAY = 1500; // ms; the next count, a second later, may have the sample already

export class Delivery {
  #counts = []; // { time, samples }, the latest last
  #open = 0; // connections
  #missed = 0; // samples that were announced as missed
  #delivered = -Infinity; // when samples were last counted
  #waiting; // since when a published sample has reached no client
  #newest; // sample of the feed, and when the hub said so
  #told = -Infinity;
  #paused = false;

  // The state of the feed. It may come after the count of the same sample: a sample is surely not
  // counted yet if it is newer than the last state, and nothing was counted since.
  feed({ newest, paused }, time) {
    if (newest > this.#newest && this.#delivered <= this.#told) this.#waiting ??= time;
    this.#newest = newest;
    this.#told = time;
    this.#paused = paused;
  }

  // The sums of the lens, each second. They begin at 0 again when the presenter resets them.
  count({ samples, open, missed }, time) {
    const before = this.#counts.at(-1);
    if (samples < before?.samples) this.#counts = [{ time: before.time, samples: 0 }];
    if (samples > this.#counts.at(-1)?.samples) {
      this.#delivered = time;
      this.#waiting = undefined;
    }
    if (!open) this.#waiting = undefined;
    this.#counts.push({ time, samples });
    while (this.#counts[1]?.time <= time - RATE_INTERVAL) this.#counts.shift();
    this.#open = open;
    this.#missed = missed;
  }

  isWaiting(time) {
    return time - this.#waiting >= NOTICE_DELAY;
  }

  words(time) {
    if (this.#counts.length === 0) return '';
    const rate = this.#rate();
    if (!this.#open && this.#delivered < time) return 'no client connected';
    const missed = `, ${formatNumber(this.#missed)} missed`;
    if (this.isWaiting(time)) return `waiting ${wholeSeconds(time - this.#waiting)}${missed}`;
    if (this.#paused && !rate) return `feed paused${missed}`;
    return (rate ? `${rate}/s delivered` : 'nothing new') + missed;
  }

  // Samples a second, to one decimal below 10.
  #rate() {
    const [first, last] = [this.#counts[0], this.#counts.at(-1)];
    const rate = (1000 * (last.samples - first.samples)) / (last.time - first.time || 1);
    return rate < 10 ? Math.round(10 * rate) / 10 : Math.round(rate);
  }
}
