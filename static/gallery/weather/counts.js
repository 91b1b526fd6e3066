// How each answer came, by the browser's own timings, and what that saved.
import { report } from '/gallery.js';
import { write } from '/shared/dom.js';
import { formatNumber } from '/shared/format.js';

const slider = document.querySelector('#interval');
const showInterval = () => write(slider.nextElementSibling, `${slider.value} s`);
slider.addEventListener('input', showInterval);
showInterval();

export class Counts {
  #counts = { cached: 0, validated: 0, whole: 0, received: 0, saved: 0 };
  #url;

  constructor(path) {
    this.#url = new URL(path, location.href).href;
  }

  // Adds what came since the last call. `transferSize` is 0 when the cache answered alone, that
  // of the head (which browsers round to 300 bytes) for a 304, and head and content otherwise.
  count() {
    for (const entry of performance.getEntriesByName(this.#url, 'resource')) {
      const { transferSize, encodedBodySize } = /** @type {PerformanceResourceTiming} */ (entry);
      const saved = transferSize < encodedBodySize ? encodedBodySize : 0;
      const how = transferSize === 0 ? 'cached' : saved ? 'validated' : 'whole';
      this.#counts[how]++;
      this.#counts.received += transferSize;
      this.#counts.saved += saved;
      report(how);
    }
    performance.clearResourceTimings(); // the browser keeps 250
    for (const [name, count] of Object.entries(this.#counts)) {
      write(document.querySelector(`[data-count=${name}]`), formatNumber(count));
    }
  }
}
