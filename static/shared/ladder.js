// The ladder: the sequence diagram of what really happens, drawn as it happens.
//
// Time runs to the right, one pixel is always the same time. The upper line is the server,
// the lower one the client. A question rises, an answer falls, and what is open between
// them (a held question, a connection) is the band they enclose. A sample is a dot where it
// was published and a dot where it arrived; the thick line between the two shows where it
// waited. On a fast network a question and its answer would be one vertical line, so every
// line is drawn with a slant of at least SLANT pixels.
import { now, seconds } from '/shared/time.js';

const FALLS = ['answer', 'empty', 'refused']; // how a question can end in an answer
const SLANT = 9;
const KEEP = 90_000; // ms of history, to look back at when paused
const EDGE = 30; // pixels between "now" and the right border, room for the last label

export class Ladder {
  paused = false;
  #canvas;
  #context;
  #local;
  #origin = now();
  #exchanges = []; // { sent, opened, end, how, samples: [] }
  #samples = []; // { seq, at, received, exchange }
  #ticks = []; // { time, kind }
  #marks = []; // { time, word, kind }
  #running = false;
  #seen = true;
  #frame = null;
  #right = now(); // the time at the right edge
  #calm = matchMedia('(prefers-reduced-motion: reduce)');

  // `local` turns a server's time stamp into this device's time. Several ladders given the
  // same `origin` stand on one axis; `axis: false` leaves the axis to a neighbour.
  constructor(canvas, { local, origin, axis = true }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#local = local;
    this.#origin = origin ?? this.#origin;
    this.axis = axis;
    new ResizeObserver(() => this.#fit()).observe(canvas);
    new IntersectionObserver(([entry]) => {
      this.#seen = entry.isIntersecting;
      this.#animate();
    }).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    this.#lookBack();
  }

  add(event) {
    const { type, time } = event;
    const exchange = this.#exchanges.at(-1);
    const current = exchange?.how ? null : exchange;
    const end = (how) => current && Object.assign(current, { end: time, how });
    const word = (text, kind = type) => this.#marks.push({ time, word: text, kind, exchange });
    switch (type) {
      case 'started':
        this.#running = true;
        break;
      case 'request':
        this.#exchanges.push({ sent: time, samples: [] });
        break;
      case 'opened':
        // EventSource reconnects by itself: the page hears only of its success.
        if (current) current.opened = time;
        else this.#exchanges.push({ sent: time, opened: time, samples: [] });
        break;
      case 'sample': {
        const sample = { seq: event.sample.seq, at: event.sample.at, received: time, exchange };
        this.#samples.push(sample);
        exchange.samples.push(sample);
        break;
      }
      case 'answered':
        end(event.samples ? 'answer' : 'empty');
        break;
      case 'heartbeat':
      case 'message':
      case 'sent':
        this.#ticks.push({ time, kind: type });
        break;
      case 'gap':
        word([event.gap.restarted && 'server restarted',
          event.gap.missed && `${event.gap.missed} missed`].filter(Boolean).join(', '));
        break;
      case 'ended':
        if (current) word(event.reason);
        end('ended');
        break;
      case 'refused':
      case 'cut':
        if (current) word(event.reason);
        end(type);
        break;
      case 'stopped':
        word('stopped');
        end('stopped');
        this.#running = false;
        break;
    }
    this.#forget(time);
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

  #animate() {
    if (this.#frame) return;
    const moving = this.#running && !this.paused && this.#seen;
    const step = () => {
      this.#frame = null;
      if (this.#running && !this.paused) this.#right = now();
      this.#draw();
      if (moving) this.#animate();
    };
    // Who asked for less motion gets a step each second instead of a glide.
    if (moving && this.#calm.matches) this.#frame = setTimeout(step, 1000);
    else this.#frame = requestAnimationFrame(step);
  }

  #forget(time) {
    const old = time - KEEP;
    if (this.#samples[0]?.received < old - KEEP / 10) {
      this.#samples = this.#samples.filter((sample) => sample.received > old);
    }
    this.#ticks = this.#ticks.filter((tick) => tick.time > old);
    this.#marks = this.#marks.filter((mark) => mark.time > old);
    this.#exchanges = this.#exchanges.filter(({ how, end }) => !how || end > old);
  }

  // While paused, dragging or the arrow keys move through the history.
  #lookBack() {
    const canvas = this.#canvas;
    const move = (pixels) => {
      if (!this.paused) return;
      const right = this.#right - (pixels * 1000) / this.#speed;
      this.#right = Math.min(now(), Math.max(now() - KEEP, right));
      this.#animate();
    };
    canvas.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: 60, ArrowRight: -60 }[event.key];
      if (step && this.paused) {
        event.preventDefault();
        move(step);
      }
    });
    canvas.addEventListener('pointerdown', ({ pointerId }) => {
      if (this.paused) canvas.setPointerCapture(pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) move(event.movementX);
    });
  }

  #fit() {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = clientWidth * devicePixelRatio;
    this.#canvas.height = clientHeight * devicePixelRatio;
    this.#draw();
  }

  // Pixels a second: a phone shows about 6 s, a projector about 20 s.
  get #speed() {
    return Math.max(42, this.#canvas.clientWidth / 21);
  }

  #draw() {
    const canvas = this.#canvas;
    const context = this.#context;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!width || !height) return;
    const style = getComputedStyle(canvas);
    const color = (name) => style.getPropertyValue(`--${name}`);
    const [ink, soft, line, paper, hue] = ['ink', 'soft', 'line', 'paper', 'hue'].map(color);
    const font = parseFloat(style.fontSize);
    const gutter = font * 4;
    const top = font * 1.7; // the server's line, with room for numbers above
    const bottom = height - font * (this.axis ? 3.2 : 1.7); // the client's
    const wordsAt = top + (bottom - top) * 0.4;
    const right = width - EDGE;
    const speed = this.#speed;
    const x = (time) => right - ((this.#right - time) * speed) / 1000;
    const slant = (SLANT * 1000) / speed; // in ms
    const rows = new Map();
    // A question that failed within the slant did not get through.
    const lost = ({ sent, end, how, opened }) =>
      (how === 'cut' || how === 'ended') && !opened && end - sent < slant;

    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `${font}px ${style.fontFamily}`;
    context.textBaseline = 'middle';
    context.lineJoin = 'round';

    const stroke = (color, thickness, points, dash = []) => {
      context.strokeStyle = color;
      context.lineWidth = thickness;
      context.setLineDash(dash);
      context.beginPath();
      points.forEach(([px, py], index) => context[index ? 'lineTo' : 'moveTo'](px, py));
      context.stroke();
    };
    const dot = (px, py, radius, filled, color = hue) => {
      context.setLineDash([]);
      context.beginPath();
      context.arc(px, py, radius, 0, 7);
      context.fillStyle = filled ? color : paper;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = filled ? paper : color;
      context.stroke();
    };
    // Writes a label unless it would touch another in its row. Who was first stays: the
    // decision is kept with its owner, or labels would flicker as the picture moves.
    const label = (row, owner, text, px, py, color = ink, halo = false) => {
      const half = context.measureText(text).width / 2 + font * 0.3;
      const taken = rows.get(row) ?? [];
      rows.set(row, taken);
      owner.shown ??= {};
      owner.shown[row] ??= taken.every(([from, to]) => px + half < from || px - half > to);
      if (!owner.shown[row]) return;
      taken.push([px - half, px + half]);
      if (px - half < gutter || px + half > width + font) return;
      context.textAlign = 'center';
      if (halo) {
        context.setLineDash([]);
        context.strokeStyle = paper;
        context.lineWidth = 6;
        context.strokeText(text, px, py);
      }
      context.fillStyle = color;
      context.fillText(text, px, py);
    };

    // The axis: seconds since the page began.
    if (this.axis) {
      const from = Math.floor((this.#right - (width * 1000) / speed - this.#origin) / 1000);
      for (let second = from; second <= from + width / speed + 1; second++) {
        const px = x(this.#origin + second * 1000);
        const long = second % 5 === 0;
        const py = bottom + font * 1.75;
        stroke(soft, long ? 2 : 1, [[px, py - 2], [px, py + (long ? 5 : 1)]]);
        if (long && second >= 0) label('axis', {}, `${second} s`, px, height - font * 0.55, soft);
      }
    }

    // Where each exchange is drawn: it rises from `sent` to `up`, and falls to `down`.
    let free = -Infinity;
    for (const exchange of this.#exchanges) {
      const { sent, samples, end, how, opened } = exchange;
      exchange.from = Math.max(sent, Math.min(free, sent + 2 * slant));
      exchange.up = exchange.from + slant;
      const newest = samples.length ? this.#local(samples.at(-1).at) : -Infinity;
      if (FALLS.includes(how)) {
        const left = how === 'answer' ? newest : end - slant;
        exchange.leaves = Math.max(exchange.up, Math.min(left, end));
        exchange.down = Math.max(end, exchange.leaves + slant);
        free = exchange.down;
      } else {
        exchange.leaves = exchange.down = Math.max(end ?? this.#right, exchange.from);
      }
      if (x(exchange.down) < 0 || x(exchange.from) > width) continue;
      if (((exchange.leaves - exchange.up) * speed) / 1000 < 2) continue;
      context.fillStyle = hue;
      context.globalAlpha = opened ? 0.14 : 0.28;
      context.beginPath();
      context.moveTo(x(exchange.from), bottom);
      context.lineTo(x(Math.min(exchange.up, exchange.leaves)), top);
      context.lineTo(x(exchange.leaves), top);
      context.lineTo(x(exchange.down), bottom);
      context.fill();
      context.globalAlpha = 1;
    }

    stroke(soft, 2, [[0, top], [right, top]]);
    stroke(soft, 2, [[0, bottom], [right, bottom]]);

    for (const exchange of this.#exchanges) {
      const { from, up, leaves, down, how } = exchange;
      if (x(down) < 0) continue;
      if (lost(exchange)) {
        const [px, py] = [x(from + slant / 4), bottom - (bottom - top) / 4];
        stroke(ink, 1.5, [[x(from), bottom], [px, py]]);
        stroke(ink, 2.5, [[px - 5, py - 5], [px + 5, py + 5]]);
        stroke(ink, 2.5, [[px + 5, py - 5], [px - 5, py + 5]]);
        continue;
      }
      stroke(ink, 1.5, [[x(from), bottom], [x(up), top]]);
      stroke(ink, 1.5, [[x(up) - 6, top + 8], [x(up), top], [x(up) + 3, top + 9]]);
      if (FALLS.includes(how)) {
        const empty = how !== 'answer';
        const color = how === 'refused' ? ink : hue;
        stroke(color, empty ? 2 : 3, [[x(leaves), top], [x(down), bottom]], empty ? [4, 4] : []);
        if (empty) dot(x(down), bottom, 5, false, ink);
      }
    }

    // Samples: published, waiting on the server, falling, delivered.
    const groups = [];
    for (const sample of this.#samples) {
      const { exchange, received } = sample;
      const at = Math.min(this.#local(sample.at), received);
      const poll = exchange.how === 'answer';
      const leaves = poll ? exchange.leaves : Math.max(at, exchange.up);
      const down = poll ? exchange.down : Math.max(received, leaves + slant);
      if (x(down) < -50) continue;
      if (leaves - at > slant) stroke(hue, 5, [[x(at), top], [x(leaves), top]]);
      if (!poll) stroke(hue, 3, [[x(leaves), top], [x(down), bottom]]);
      dot(x(at), top, 5, true);
      label('server', sample, `${sample.seq}`, x(at), top - font * 0.95, soft);
      const group = groups.at(-1);
      if (group && x(down) - group.px < 4) group.last = sample.seq;
      else groups.push({ px: x(down), sample, last: sample.seq });
    }
    for (const { px, sample, last } of groups) {
      dot(px, bottom, 7, true);
      const text = last === sample.seq ? `#${last}` : `#${sample.seq}–${last}`;
      label('client', sample, text, px, bottom + font * 1.05);
    }

    for (const { time, kind } of this.#ticks) {
      const px = x(time);
      if (kind === 'sent') stroke(ink, 1.5, [[px, bottom], [px + SLANT, top]]);
      else if (kind === 'message') stroke(hue, 1.5, [[px, top], [px + SLANT, bottom]], [2, 4]);
      else stroke(ink, 2, [[px, bottom - 7], [px, bottom + 7]]);
    }

    for (const mark of this.#marks) {
      const { exchange } = mark;
      const px = x(Math.max(mark.time, exchange?.up ?? 0));
      if (px < -200) continue;
      const failed = mark.kind === 'refused' || (exchange && lost(exchange)); // has its sign
      if (mark.kind === 'cut' && !failed) {
        const step = (bottom - top) / 4;
        stroke(ink, 2.5, [0, -4, 4, -4, 0].map((dx, index) => [px + dx, top + index * step]));
      } else if (!failed) stroke(ink, 2, [[px, top], [px, bottom]], [3, 4]);
      const half = context.measureText(mark.word).width / 2;
      label('words', mark, mark.word, Math.min(px, width - half - 6), wordsAt, ink, true);
    }

    // How long a question was held, where there is room to say it.
    for (const { up, leaves, how } of this.#exchanges) {
      const text = `held ${seconds(leaves - up)}`;
      const room = context.measureText(text).width / 2 + font;
      const [from, to] = [Math.max(x(up), gutter), x(leaves)];
      if (FALLS.includes(how) && to - from > 2 * room) {
        label('words', {}, text, (from + to) / 2, wordsAt);
      }
    }

    // The names of the two lines stand still while the picture passes under them.
    context.fillStyle = paper;
    context.fillRect(0, 0, gutter, height);
    context.fillStyle = soft;
    context.textAlign = 'left';
    context.fillText('server', 0, top);
    context.fillText('client', 0, bottom);
  }
}
