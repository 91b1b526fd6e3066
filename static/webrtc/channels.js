// The channels side by side: the same samples on each, and what became of them.
import { el, write } from '/shared/dom.js';
import { formatBytes } from '/shared/format.js';
import { now } from '/shared/time.js';
import { clock } from '/samples.js';

const LATE = 100; // ms after its publication, a sample is late
const RENDER_INTERVAL = 500; // ms
const NAMES = { reliable: 'reliable, in order', lossy: 'no retransmission', server: 'server' };

export class Lanes {
  #lanes = new Map(); // name → { first, newest, delivered, late, disorder, run, row }
  #page;
  #channels;

  // `channels()` returns those that are now.
  constructor(page, channels) {
    [this.#page, this.#channels] = [page, channels];
    for (const name of ['reliable', 'lossy']) this.#lane(name);
    setInterval(() => this.#render(), RENDER_INTERVAL);
  }

  add(name, { id, seq, at }) {
    const lane = this.#lane(name);
    const run = id.split('-')[0];
    if (run !== lane.run) Object.assign(lane, fresh(), { run, first: seq });
    lane.delivered++;
    if (seq < lane.newest) lane.disorder++;
    lane.newest = Math.max(lane.newest, seq);
    if (now() - clock.local(at) > LATE) lane.late++;
  }

  // Counts anew: the network is another.
  reset() {
    for (const lane of this.#lanes.values()) lane.run = null;
  }

  #lane(name) {
    if (!this.#lanes.has(name)) {
      const cells = ['delivered', 'missed', 'late', 'disorder', 'buffered'].map(() => el('td', {}, '–'));
      const row = el('tr', {}, el('th', { scope: 'row' }, NAMES[name]), ...cells);
      row.dataset.lane = name;
      document.querySelector('#lanes tbody').append(row);
      this.#lanes.set(name, { ...fresh(), run: null, cells });
    }
    return this.#lanes.get(name);
  }

  #render() {
    const told = {};
    for (const [name, { bufferedAmount }] of Object.entries(this.#channels())) {
      write(this.#lane(name).cells[4], formatBytes(bufferedAmount));
    }
    for (const [name, { first, newest, delivered, late, disorder, run, cells }] of this.#lanes) {
      if (!run) continue;
      const missed = Math.max(0, newest - first + 1 - delivered);
      [delivered, missed, late, disorder].forEach((count, at) => write(cells[at], String(count)));
      told[name] = { delivered, missed, late, disorder };
    }
    this.#page.lanes(told);
  }
}

const fresh = () => ({ first: 0, newest: 0, delivered: 0, late: 0, disorder: 0 });
