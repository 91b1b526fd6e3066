// What draws: a finger, a pen, the mouse or the keyboard. Points are collected, and handed over
// once in an animation frame.
import { el } from '/shared/dom.js';

const POINTS_LIMIT = 32; // of a message
const WIDTH = 1600; // of the board, in its own units
const HEIGHT = 1000;
const STEP = 20; // of the keyboard, in units of the board
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Hand {
  #canvas;
  #draw;
  #stroke = 0; // counts the strokes of this page
  #points = []; // since the last animation frame
  #pointer; // the id of the one that draws: a second finger draws nothing
  #down = false; // whether the keyboard's pen is down
  #at = [WIDTH / 2, HEIGHT / 2]; // where it is
  #cross = el('span', { id: 'cross', hidden: true });
  #told = el('p', { className: 'unseen', role: 'status' });

  // `draw(stroke, points)` returns whether they could be drawn.
  constructor(canvas, draw) {
    this.#canvas = canvas;
    this.#draw = draw;
    const frame = el('div', { className: 'board' });
    canvas.replaceWith(frame);
    frame.append(canvas, this.#cross, this.#told);
    canvas.addEventListener('pointerdown', (event) => this.#begin(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of ['pointerup', 'pointercancel']) {
      canvas.addEventListener(end, () => (this.#pointer = undefined));
    }
    canvas.addEventListener('keydown', (event) => this.#key(event));
    canvas.addEventListener('focus', () => this.#showCross(canvas.matches(':focus-visible')));
    canvas.addEventListener('blur', () => this.#showCross(false));
  }

  #begin(event) {
    if (this.#pointer !== undefined || event.button !== 0) return;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#nextStroke();
    this.#add(this.#place(event));
  }

  // A browser gathers what a fast pen says between two frames.
  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) this.#add(this.#place(each));
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== ' ') return;
    event.preventDefault();
    this.#showCross(true);
    if (arrow) {
      const step = event.shiftKey ? 5 * STEP : STEP;
      this.#at = inside(this.#at[0] + arrow[0] * step, this.#at[1] + arrow[1] * step);
      if (this.#down) this.#add(this.#at);
    } else {
      this.#down = !this.#down;
      if (this.#down) this.#nextStroke();
      if (this.#down) this.#add(this.#at);
    }
    const [x, y] = this.#at;
    const across = Math.round(100 * x / WIDTH), below = Math.round(100 * y / HEIGHT);
    this.#told.textContent = `Pen ${this.#down ? 'down' : 'up'}, ${across} percent from the left, ${below} from the top`;
    this.#showCross(true);
  }

  #showCross(shown) {
    this.#cross.hidden = !shown;
    const [x, y] = this.#at;
    Object.assign(this.#cross.style, { left: `${100 * x / WIDTH}%`, top: `${100 * y / HEIGHT}%` });
    this.#cross.classList.toggle('down', this.#down);
  }

  #nextStroke() {
    this.#flush();
    this.#stroke++;
  }

  #add(point) {
    if (String(this.#points.at(-1)) === String(point)) return;
    this.#points.push(point);
    if (this.#points.length === 1) requestAnimationFrame(() => this.#flush());
  }

  #flush() {
    while (this.#points.length) {
      const drawn = this.#draw(this.#stroke, this.#points.splice(0, POINTS_LIMIT));
      if (!drawn) this.#pointer = undefined; // there is no room: the pen is lifted
    }
  }

  // Where that is on the board.
  #place({ clientX, clientY }) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return inside(WIDTH * (clientX - left) / width, HEIGHT * (clientY - top) / height);
  }
}

const inside = (x, y) => [Math.round(Math.min(WIDTH, Math.max(0, x))), Math.round(Math.min(HEIGHT, Math.max(0, y)))];
