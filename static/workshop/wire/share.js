// How the bytes divide into classes: a bar, and figures. Each class looks here as it does in the
// stream, so this is the stream's legend, too.
import { el, write } from '/shared/dom.js';
import { formatBytes, percent } from '/shared/format.js';
import { CLASSES, labelOf } from '/workshop/wire/labels.js';

export class Share {
  #counts = {};
  #parts = {};
  #older = 0; // bytes that are not kept
  #olderBytes = el('span');
  #before = el('div', {}, el('dt', {}, 'before'), el('dd', {}, el('b', {}, 'not kept'), ' ', this.#olderBytes));
  #words = el('p', { className: 'words' });

  constructor(box) {
    const bar = el('div', { className: 'bar', 'aria-hidden': 'true' });
    const legend = el('dl', { className: 'legend' });
    for (const name of Object.keys(CLASSES)) {
      const segment = el('span', { className: `segment ${name}` });
      const figure = { share: el('b'), bytes: el('span') };
      const entry = el('div', {}, el('dt', {}, el('span', { className: `unit ${name}` }, name)),
        el('dd', {}, figure.share, ' ', figure.bytes));
      bar.append(segment);
      legend.append(entry);
      this.#parts[name] = { segment, figure, entry };
    }
    legend.append(this.#before);
    box.append(bar, legend, this.#words);
    this.clear();
  }

  clear() {
    this.#older = 0;
    for (const name of Object.keys(CLASSES)) this.#counts[name] = 0;
    this.render();
  }

  // So many bytes came before those that are added.
  older(count) {
    this.#older = count;
  }

  add({ pieces }) {
    for (const { label, hex } of pieces) this.#counts[labelOf(label).class] += hex.length / 2;
  }

  render() {
    const all = Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
    for (const [name, { segment, figure, entry }] of Object.entries(this.#parts)) {
      const count = this.#counts[name];
      segment.style.setProperty('--share', count);
      segment.hidden = count === 0;
      write(figure.share, percent(count, all));
      write(figure.bytes, formatBytes(count));
      entry.hidden = name === 'opaque' && count === 0;
    }
    this.#before.hidden = this.#older === 0;
    write(this.#olderBytes, formatBytes(this.#older));
    const which = this.#older
      ? `since the oldest that is kept (${formatBytes(this.#older)} came before)` : 'so far';
    write(this.#words, all
      ? `${formatBytes(all)} of this technique on this connection ${which}: `
        + `${percent(this.#counts.payload, all)} is payload.`
      : 'No bytes yet.');
  }
}
