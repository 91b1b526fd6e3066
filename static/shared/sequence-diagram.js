// The sequence diagram keeps the events of a page for some time, and moves while it runs in view.
import { DiagramPainter } from '/shared/diagram-painter.js';
import { now } from '/shared/time.js';

const HISTORY_TTL = 90_000; // ms of history, to look back at when paused
const REDUCED_MOTION_INTERVAL = 1000; // ms between two frames when the reader prefers less motion
const SAME_END_GRACE = 500; // ms within which the end of one connection may be reported twice

export class SequenceDiagram {
  paused = false;
  #canvas;
  #painter;
  #history = {
    exchanges: [], // { sent, opened, end, outcome, samples }: a request, and its response or connection
    samples: [], // { seq, at, received, exchange }
    ticks: [], // { time, kind, exchange, awaited }: heartbeats and other messages; an echo is awaited
    marks: [], // { time, word, kind, exchange }
  };
  #running = false;
  #inView = true;
  #frame = null;
  #right = now(); // the time at the right edge
  #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

  // See DiagramPainter for the options.
  constructor(canvas, { local, origin = now(), axis = true }) {
    this.#canvas = canvas;
    this.#painter = new DiagramPainter(canvas, { local, origin, axis });
    new ResizeObserver(() => this.#draw()).observe(canvas);
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.#inView = isIntersecting;
      this.#animate();
    }).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    this.#lookBack();
  }

  add(event) {
    const { type, time } = event;
    const { exchanges, samples, ticks, marks } = this.#history;
    const last = exchanges.at(-1);
    const begin = () => exchanges.push({ sent: time, samples: [] });
    // EventSource reconnects by itself: the page hears only that an attempt failed, or succeeded.
    const own = type === 'opened'
      || (type === 'failed' && event.ms === undefined && !(time - last?.end < SAME_END_GRACE));
    if (own && (!last || last.outcome)) begin();
    const exchange = exchanges.at(-1);
    const open = exchange && !exchange.outcome;
    const end = (outcome) => open && Object.assign(exchange, { end: time, outcome });
    const mark = (word) => marks.push({ time, word, kind: type, exchange });
    switch (type) {
      case 'started':
        this.#running = true;
        break;
      case 'request':
        begin();
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
      case 'response':
        end(event.samples ? 'content' : 'empty');
        break;
      case 'message': {
        const echoed = event.word === 'echo'
          && ticks.find((tick) => tick.awaited && tick.exchange === exchange);
        if (echoed) echoed.awaited = false;
        ticks.push({ time, kind: type });
        break;
      }
      case 'heartbeat':
      case 'sent':
        // Of what pages send, only the chat is answered by an echo.
        ticks.push({ time, kind: type, exchange, awaited: type === 'sent' && event.word === 'chat' });
        break;
      case 'gap':
        mark([event.gap.restarted && 'server restarted',
          event.gap.missed && `${event.gap.missed} missed`].filter(Boolean).join(', '));
        break;
      case 'ended':
      case 'refused':
      case 'failed':
        if (open) mark(event.reason);
        end(type);
        break;
      case 'stopped':
        mark('stopped');
        end(type);
        this.#running = false;
        break;
    }
    this.#expire(time - HISTORY_TTL);
    if (!this.#running && !this.paused) this.#right = time;
    this.#animate();
  }

  // Pauses or resumes the diagram. Events are recorded all the same.
  pause(paused) {
    this.paused = paused;
    this.#canvas.tabIndex = paused ? 0 : -1;
    if (!paused && this.#running) this.#right = now();
    this.#animate();
    return paused;
  }

  #expire(before) {
    const { exchanges, samples, ticks, marks } = this.#history;
    const drop = (list, isOld) => {
      const kept = list.findIndex((item) => !isOld(item));
      list.splice(0, kept < 0 ? list.length : kept);
    };
    drop(exchanges, ({ outcome, end }) => outcome && end < before);
    drop(samples, ({ received }) => received < before);
    drop(ticks, ({ time }) => time < before);
    drop(marks, ({ time }) => time < before);
    // A stream that stays open for an hour must not keep the samples of an hour.
    const current = exchanges.at(-1)?.samples;
    if (current) drop(current, ({ received }) => received < before);
  }

  // Draws a frame, and while the diagram runs in view, the next one after it.
  #animate() {
    if (this.#frame) return;
    const moving = this.#running && !this.paused && this.#inView;
    const next = () => {
      this.#frame = null;
      if (this.#running && !this.paused) this.#right = now();
      this.#draw();
      if (moving) this.#animate();
    };
    if (moving && this.#reducedMotion.matches) this.#frame = setTimeout(next, REDUCED_MOTION_INTERVAL);
    else this.#frame = requestAnimationFrame(next);
  }

  #draw() {
    this.#painter.draw(this.#history, this.#right);
  }

  // While paused, dragging or the arrow keys move through the history.
  #lookBack() {
    const canvas = this.#canvas;
    const move = (pixels) => {
      const right = this.#right - (pixels * 1000) / this.#painter.speed;
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
