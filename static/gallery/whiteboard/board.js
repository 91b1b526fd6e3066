// The board on a canvas: what came from the server, in its order, and above it what this page has
// drawn and not seen again yet.
import { write } from '/shared/dom.js';
import { Hand } from '/whiteboard/hand.js';
import { announceInk } from '/whiteboard/spoken.js';

const INK_BYTES = 4 << 20; // as in the server, so that all boards forget the same ink
const HUES = ['--sse', '--long-poll', '--http-stream', '--websocket', '--short-poll', '--webrtc',
  '--webtransport', '--ink'];
const canvas = document.querySelector('#board');
const context = canvas.getContext('2d');
const waiting = document.querySelector('#waiting');

export class Board {
  pen = 0; // the number of this page's pen, once the server has told it
  #entries = []; // { bytes, ink } each, the oldest first
  #bytes = 0; // of all entries
  #own = []; // segments of this page that have not come back
  #ends = new Map(); // the last point of each stroke that is shown
  #colors = new Map();
  #due = false; // whether all is to be drawn anew

  constructor(draw) {
    new Hand(canvas, (stroke, points) => {
      const segment = { pen: this.pen, stroke, points };
      if (!draw(stroke, points)) return false;
      this.#own.push(segment);
      this.#show(segment);
      return true;
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#colors.clear();
      this.#redraw();
    });
  }

  // An entry of the log: ink, a stroke that was taken back, or that the board was wiped.
  // `outbox` is what this page has yet to send.
  add(entry, bytes, outbox) {
    const { ink = [], undone, cleared } = entry;
    announceInk(entry, this.pen);
    this.#entries.push({ bytes, ink });
    this.#bytes += bytes;
    ink.forEach((segment) => (segment.pen === this.pen ? this.#cameBack(segment) : this.#show(segment)));
    if (undone) this.#keep(({ pen, stroke }) => pen !== undone.pen || stroke !== undone.stroke);
    if (cleared) {
      this.#setOwn(outbox);
      this.#keep(() => false);
    }
    while (this.#bytes > INK_BYTES) {
      this.#bytes -= this.#entries.shift().bytes;
      this.#redrawLater();
    }
  }

  // Another board: empty, but for what this page has yet to send.
  begin(outbox) {
    this.#entries = [];
    this.#bytes = 0;
    this.#setOwn(outbox);
    this.#redraw();
  }

  showWaiting(count) {
    write(waiting, count ? `${count} messages not acknowledged yet` : 'Everything that you drew is on the board.');
    canvas.dataset.waiting = String(count);
  }

  // What is on the board, for tests: pen, stroke and first point of each segment.
  get ink() {
    return this.#entries.flatMap(({ ink }) => ink);
  }

  #setOwn(outbox) {
    this.#own = outbox.map(({ stroke, points }) => ({ pen: this.pen, stroke, points }));
  }

  // It is shown already, unless the board was wiped meanwhile.
  #cameBack(segment) {
    const text = JSON.stringify(segment.points);
    const at = this.#own.findIndex(({ points }) => JSON.stringify(points) === text);
    this.#own.splice(0, at + 1);
    if (at !== 0) this.#redraw();
  }

  #keep(test) {
    for (const entry of this.#entries) entry.ink = entry.ink.filter(test);
    this.#redraw();
  }

  #redraw() {
    context.clearRect(0, 0, canvas.width, canvas.height);
    this.#ends.clear();
    for (const segment of [...this.ink, ...this.#own]) this.#show(segment);
  }

  // The oldest ink goes: not more often than every 2 s, since all is drawn anew.
  #redrawLater() {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      this.#redraw();
    }, 2000);
  }

  // From where the stroke was to the points of this segment.
  #show({ pen, stroke, points }) {
    const name = `${pen}/${stroke}`;
    const from = this.#ends.get(name) ?? points[0];
    Object.assign(context, { lineWidth: 10, lineCap: 'round', lineJoin: 'round', strokeStyle: this.#color(pen) });
    context.beginPath();
    context.moveTo(from[0], from[1]);
    for (const [x, y] of points) context.lineTo(x, y);
    context.stroke();
    this.#ends.set(name, points.at(-1));
  }

  // A canvas needs the colour that a variable stands for, light or dark.
  #color(pen) {
    if (!this.#colors.has(pen)) {
      canvas.style.color = `var(${HUES[pen % HUES.length]})`;
      this.#colors.set(pen, getComputedStyle(canvas).color);
    }
    return this.#colors.get(pen);
  }
}
