// The table: accounts of the lens since a baseline, and what the pages reported.
import { el, write } from '/shared/dom.js';
import { formatNumber, latency, percent } from '/shared/format.js';
import { now } from '/shared/time.js';
import { Plot } from '/workshop/compare/plot.js';
import { badge, title } from '/workshop/lib/techniques.js';

const ACCOUNT_CAPACITY = 5; // a page receives a sample a moment after the lens counted it
const LAG_LIMIT = 2; // samples; with a twentieth of those delivered, how far a page may be behind the lens

const rounded = (value) => (typeof value === 'number' ? Math.round(10 * value) / 10 : value ?? '');

// name of the column, its heading, how it is shown; the value is made in #values.
/** @type {[string, string, ((value: any) => string) | null][]} */
const COLUMNS = [
  ['requests', 'requests', formatNumber], ['empty', 'empty', formatNumber],
  ['connections', 'connections', formatNumber],
  ['up', 'bytes up', formatNumber], ['down', 'bytes down', formatNumber],
  ['payload', 'payload', null], ['samples', 'samples', formatNumber],
  ['each', 'bytes/sample', (value) => (value === null ? '–' : formatNumber(value))],
  ['p50', 'p50', latency], ['p99', 'p99', latency],
  ['missed', 'missed', formatNumber], ['duplicated', 'duplicated', formatNumber],
];

export class Figures {
  #lanes;
  #baseline = null;
  #latest;
  #rows = new Map(); // technique → { cells, plot }
  #unheard = new Map(); // technique → by how much the lens was ahead of the page, lately

  constructor(table, lanes) {
    this.#lanes = lanes;
    const heads = [...COLUMNS.map(([, heading]) => heading), 'bytes over time'];
    const body = lanes.map(({ technique }) => {
      const cells = COLUMNS.map(() => el('td', {}, '–'));
      const plot = new Plot();
      this.#rows.set(technique, { cells, plot });
      const name = badge(technique);
      const row = el('tr', {}, el('th', { scope: 'row' }, name), ...cells,
        el('td', { className: 'plot' }, plot.element));
      row.dataset.technique = technique;
      return row;
    });
    table.append(
      el('caption', { className: 'unseen' }, 'Cost of each technique'),
      el('thead', {}, el('tr', {}, el('td'), ...heads.map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, ...body));
  }

  // The next accounts are where counting begins.
  clear() {
    this.#baseline = null;
    this.#unheard.clear();
    for (const { cells, plot } of this.#rows.values()) {
      cells.forEach((cell) => write(cell, '–'));
      plot.clear();
    }
  }

  // Whether counting begins with these: they are the first.
  add(accounts) {
    const first = !this.#baseline;
    if (first) this.#baseline = accounts;
    this.#latest = accounts;
    const all = this.#lanes.map((lane) => this.#values(lane));
    const most = Math.max(...all.map(({ up, down }) => up + down));
    all.forEach((values) => {
      const { cells, plot } = this.#rows.get(values.technique);
      COLUMNS.forEach(([name, , shown], index) => write(cells[index],
        shown ? shown(values[name]) : percent(values.payload, values.up + values.down)));
      plot.add(now(), values.up + values.down, most);
      const ahead = [...this.#unheard.get(values.technique) ?? [], values.ahead];
      this.#unheard.set(values.technique, ahead.slice(-ACCOUNT_CAPACITY));
    });
    return first;
  }

  // Samples that the lens passed on and the page never received, as a sentence for each technique. A
  // page that gives up a WebSocket does not get the messages that still come on it.
  unheard() {
    return this.#lanes.map(({ technique, tally }) => {
      const ahead = this.#unheard.get(technique) ?? [];
      const others = ahead.length === ACCOUNT_CAPACITY ? Math.min(...ahead) : 0;
      if (others > 0 && tally.abortedConnection) {
        return ` ${title(technique)}: ${others} of its samples went to a `
          + 'connection that this page had given up, or to another page of this device.';
      }
      return others > LAG_LIMIT + tally.delivered / 20 ? ` ${title(technique)}: ${others} of its `
        + 'samples went to another page of this device. Close it, and press Reset counters.' : '';
    }).join('');
  }

  // Whether they were set to 0: by the presenter, or with a restart.
  beganAgain(accounts) {
    return Boolean(this.#baseline) && Object.entries(accounts).some(([technique, { up, down }]) =>
      up + down < this.#latest[technique].up + this.#latest[technique].down);
  }

  #values({ technique, tally }) {
    const [from, to] = [this.#baseline[technique], this.#latest[technique]];
    const grown = (name) => Math.max(0, to[name] - from[name]);
    const samples = grown('samples');
    return {
      technique,
      requests: grown('requests'),
      empty: grown('empty'),
      connections: grown('opened'),
      up: grown('up'),
      down: grown('down'),
      payload: grown('payload'),
      samples,
      each: samples ? Math.round((grown('up') + grown('down')) / samples) : null,
      p50: tally.latency(0.5),
      p99: tally.latency(0.99),
      missed: tally.missed,
      duplicated: tally.duplicated,
      ahead: samples - tally.delivered - tally.duplicated,
    };
  }

  // As a file: one line for each technique, times in ms, payload in bytes.
  save() {
    if (!this.#baseline) return;
    const names = ['technique', ...COLUMNS.map(([name]) => name)];
    const lines = this.#lanes.map((lane) => {
      const values = this.#values(lane);
      return names.map((name) => rounded(values[name])).join(',');
    });
    const header = names.join(',').replace('each', 'bytes_per_sample').replace('p50', 'p50_ms')
      .replace('p99', 'p99_ms').replace('payload', 'payload_bytes')
      .replace(',up,down,', ',bytes_up,bytes_down,');
    const file = new Blob([`${[header, ...lines].join('\r\n')}\r\n`], { type: 'text/csv' });
    const link = el('a', { href: URL.createObjectURL(file), download: 'comparison.csv' });
    link.click();
    URL.revokeObjectURL(link.href);
  }
}
