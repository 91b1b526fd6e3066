// The ladder keeps what happened, and moves its picture while there is something to see.
// Nothing in it belongs to one page: several ladders can stand on one axis.
import { Picture } from '/shared/picture.js';
import { now } from '/shared/time.js';

const HISTORY_TTL = 90_000; // ms of history, to look back at when paused
const REDUCED_MOTION_INTERVAL = 1000; // ms between two pictures when less motion is asked for
const SAME_END_GRACE = 500; // ms within which a connection's end may be told of twice

export class Ladder {
  paused = false;
  #canvas;
  #picture;
  #history = {
    exchanges: [], // { sent, opened, end, how, samples }: a question, and what came of it
    samples: [], // { seq, at, received, exchange }
    ticks: [], // { time, kind }: heartbeats and other messages
    marks: [], // { time, word, kind, exchange }
  };
  #running = false;
  #seen = true;
  #frame = null;
  #right = now(); // the time at the right edge
  #calm = matchMedia('(prefers-reduced-motion: reduce)');

  // See Picture for the options.
  constructor(canvas, { local, origin = now(), axis = true }) {
    this.#canvas = canvas;
    this.#picture = new Picture(canvas, { local, origin, axis });
    new ResizeObserver(() => this.#draw()).observe(canvas);
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.#seen = isIntersecting;
      this.#animate();
    }).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    this.#lookBack();
  }

  add(event) {
    const { type, time } = event;
    const { exchanges, samples, ticks, marks } = this.#history;
    const last = exchanges.at(-1);
    const ask = () => exchanges.push({ sent: time, samples: [] });
    // EventSource asks again by itself: the page hears only that a try failed, or succeeded.
    const own = type === 'opened'
      || (type === 'cut' && event.ms === undefined && !(time - last?.end < SAME_END_GRACE));
    if (own && (!last || last.how)) ask();
    const exchange = exchanges.at(-1);
    const open = exchange && !exchange.how;
    const end = (how) => open && Object.assign(exchange, { end: time, how });
    const mark = (word) => marks.push({ time, word, kind: type, exchange });
    switch (type) {
      case 'started':
        this.#running = true;
        break;
      case 'request':
        ask();
        break;
      case 'opened':
        exchange.opened = true;
        break;
      case 'sample': {
        const sample = { ...event.sample, received: time, exchange };
        samples.push(sample);
        exchange.samples.push(sample);
        break;
      }
      case 'answered':
        end(event.samples ? 'answer' : 'empty');
        break;
      case 'heartbeat':
      case 'message':
      case 'sent':
        ticks.push({ time, kind: type });
        break;
      case 'gap':
        mark([event.gap.restarted && 'server restarted',
          event.gap.missed && `${event.gap.missed} missed`].filter(Boolean).join(', '));
        break;
      case 'ended':
      case 'refused':
      case 'cut':
        if (open) mark(event.reason);
        end(type);
        break;
      case 'stopped':
        mark('stopped');
        end(type);
        this.#running = false;
        break;
    }
    this.#forget(time - HISTORY_TTL);
    if (!this.#running && !this.paused) this.#right = time;
    this.#animate();
  }

  // Holds the picture still, or lets it run again. Events go on being recorded.
  pause(paused) {
    this.paused = paused;
    this.#canvas.tabIndex = paused ? 0 : -1;
    if (!paused && this.#running) this.#right = now();
    this.#animate();
    return paused;
  }

  #forget(before) {
    const { exchanges, samples, ticks, marks } = this.#history;
    const drop = (list, isOld) => {
      const kept = list.findIndex((item) => !isOld(item));
      list.splice(0, kept < 0 ? list.length : kept);
    };
    drop(exchanges, ({ how, end }) => how && end < before);
    drop(samples, ({ received }) => received < before);
    drop(ticks, ({ time }) => time < before);
    drop(marks, ({ time }) => time < before);
    // A stream that stays open for an hour must not keep its hour.
    const current = exchanges.at(-1)?.samples;
    if (current) drop(current, ({ received }) => received < before);
  }

  // One picture, and while the ladder runs in view, another after it.
  #animate() {
    if (this.#frame) return;
    const moving = this.#running && !this.paused && this.#seen;
    const next = () => {
      this.#frame = null;
      if (this.#running && !this.paused) this.#right = now();
      this.#draw();
      if (moving) this.#animate();
    };
    if (moving && this.#calm.matches) this.#frame = setTimeout(next, REDUCED_MOTION_INTERVAL);
    else this.#frame = requestAnimationFrame(next);
  }

  #draw() {
    this.#picture.draw(this.#history, this.#right);
  }

  // While paused, dragging or the arrow keys move through the history.
  #lookBack() {
    const canvas = this.#canvas;
    const move = (pixels) => {
      const right = this.#right - (pixels * 1000) / this.#picture.speed;
      this.#right = Math.min(now(), Math.max(now() - HISTORY_TTL, right));
      this.#animate();
    };
    canvas.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: 60, ArrowRight: -60 }[event.key];
      if (!step || !this.paused) return;
      event.preventDefault();
      move(step);
    });
    canvas.addEventListener('pointerdown', ({ pointerId }) => {
      if (this.paused) canvas.setPointerCapture(pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) move(event.movementX);
    });
  }
}
