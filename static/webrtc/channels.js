// The channels side by side: the same samples on each, and what became of them since the
// connection was made, or the network changed.
import { el, write } from '/shared/dom.js';
import { formatBytes, formatNumber } from '/shared/format.js';
import { now } from '/shared/time.js';
import { HIGH_WATER_BYTES, LOW_WATER_BYTES, clock } from '/samples.js';

const LATE = 100; // ms after its publication, a sample is late
const RENDER_INTERVAL = 500; // ms
const NAMES = { reliable: 'reliable, in order', lossy: 'no retransmission', server: 'server' };

export class Lanes {
  #lanes = new Map(); // name → the counts of fresh(), run, waits, cells
  #around = { run: null, ranges: [] }; // the numbers that came by way of the server
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
    if (name === 'server') this.#goAround(run, seq);
  }

  // A channel was full, and a sample had to wait.
  waited(name) {
    this.#lane(name).waits++;
  }

  // Counts anew.
  reset() {
    for (const lane of this.#lanes.values()) {
      lane.run = null;
      for (const cell of lane.cells) write(cell, '–');
    }
  }

  // What came by way of the server was never sent on the channels: they have not missed it.
  #goAround(run, seq) {
    if (this.#around.run !== run) this.#around = { run, ranges: [] };
    const { ranges } = this.#around;
    if (ranges.at(-1)?.to === seq - 1) ranges.at(-1).to = seq;
    else ranges.push({ from: seq, to: seq });
  }

  #lane(name) {
    if (!this.#lanes.has(name)) {
      const cells = ['delivered', 'missed', 'late', 'disorder', 'buffered'].map(() => el('td', {}, '–'));
      const row = el('tr', {}, el('th', { scope: 'row' }, NAMES[name]), ...cells);
      row.dataset.lane = name;
      document.querySelector('#lanes tbody').append(row);
      this.#lanes.set(name, { ...fresh(), run: null, waits: 0, cells });
    }
    return this.#lanes.get(name);
  }

  #render() {
    const told = {};
    for (const [name, { bufferedAmount }] of Object.entries(this.#channels())) {
      write(this.#lane(name).cells[4], formatNumber(bufferedAmount));
    }
    for (const [name, lane] of this.#lanes) {
      const { delivered, late, disorder, run, cells } = lane;
      if (!run) continue;
      const missed = missedBy(lane, name !== 'server' && this.#around.run === run ? this.#around.ranges : []);
      [delivered, missed, late, disorder].forEach((count, at) => write(cells[at], String(count)));
      told[name] = { delivered, missed, late, disorder };
    }
    const waits = [...this.#lanes.values()].reduce((sum, lane) => sum + lane.waits, 0);
    write(document.querySelector('#pressure'), `Full with ${formatBytes(HIGH_WATER_BYTES)}, until `
      + `${formatNumber(LOW_WATER_BYTES)} are left (back pressure): ${times(waits)}.`);
    this.#page.lanes(told);
  }
}

const fresh = () => ({ first: 0, newest: 0, delivered: 0, late: 0, disorder: 0 });

// Of the numbers up to the newest that came, those that did not, though they were sent here.
function missedBy({ first, newest, delivered }, around) {
  const elsewhere = around.reduce((sum, { from, to }) =>
    sum + Math.max(0, Math.min(to, newest) - Math.max(from, first) + 1), 0);
  return Math.max(0, newest - first + 1 - delivered - elsewhere);
}

const times = (count) => (count === 1 ? 'once' : `${count} times`);
