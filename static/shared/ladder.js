// The ladder: the sequence diagram of what really happens, drawn as it happens.
//
// Time runs to the right, one pixel is always the same time. The upper line is the server,
// the lower one the client. A question rises, an answer falls, and what is open between
// them (a held question, a connection) is the band they enclose. A sample is a dot where it
// was published and a dot where it arrived; the thick line between the two shows where it
// waited. On a fast network a question and its answer would be one vertical line, so every
// line is drawn with a slant of at least SLANT pixels.
import { now } from '/shared/time.js';

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
    const word = (text, kind = type) => this.#marks.push({ time, word: text, kind });
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
        if (event.gap.restarted) word('server restarted', 'restart');
        if (event.gap.missed) word(`${event.gap.missed} missed`);
        break;
      case 'ended':
        if (current) word(event.reason);
        end('ended');
        break;
      case 'cut':
        if (current) word(event.reason);
        end('cut');
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
    const middle = (top + bottom) / 2;
    const right = width - EDGE;
    const speed = this.#speed;
    const x = (time) => right - ((this.#right - time) * speed) / 1000;
    const slant = (SLANT * 1000) / speed; // in ms
    const rows = new Map();

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
    // Writes a label unless it would touch the one before it in its row. The decision is
    // made once for each owner, or labels would flicker as the picture moves.
    const label = (row, owner, text, px, py, color = ink, halo = false) => {
      const half = context.measureText(text).width / 2;
      const free = rows.get(row) ?? -Infinity;
      owner.shown ??= {};
      owner.shown[row] ??= px - half >= free;
      if (!owner.shown[row]) return;
      rows.set(row, px + half + font * 0.6);
      if (halo) {
        context.fillStyle = paper;
        context.globalAlpha = 0.88;
        context.fillRect(px - half - 4, py - font * 0.65, half * 2 + 8, font * 1.3);
        context.globalAlpha = 1;
      }
      context.fillStyle = color;
      context.textAlign = 'center';
      context.fillText(text, px, py);
    };

    // The axis: seconds since the page began.
    if (this.axis) {
      const from = Math.floor((this.#right - (width * 1000) / speed - this.#origin) / 1000);
      for (let second = from; second <= from + width / speed + 1; second++) {
        const px = x(this.#origin + second * 1000);
        const long = second % 5 === 0;
        const py = bottom + font * 1.75;
        stroke(line, long ? 2 : 1, [[px, py], [px, py + (long ? 7 : 4)]]);
        context.fillStyle = soft;
        context.textAlign = 'center';
        if (long && second >= 0) context.fillText(`${second} s`, px, height - font * 0.55);
      }
    }

    // Where each exchange is drawn: it rises from `sent` to `up`, and falls to `down`.
    let free = -Infinity;
    for (const exchange of this.#exchanges) {
      const { sent, samples, end, how, opened } = exchange;
      exchange.from = Math.max(sent, Math.min(free, sent + 2 * slant));
      exchange.up = exchange.from + slant;
      const newest = samples.length ? this.#local(samples.at(-1).at) : -Infinity;
      if (how === 'answer' || how === 'empty') {
        const left = how === 'answer' ? newest : end - slant;
        exchange.leaves = Math.max(exchange.up, Math.min(left, end));
        exchange.down = Math.max(end, exchange.leaves + slant);
        free = exchange.down;
      } else {
        exchange.leaves = exchange.down = Math.max(end ?? this.#right, exchange.from);
      }
      if (x(exchange.down) < 0 || x(exchange.from) > width) continue;
      context.fillStyle = hue;
      context.globalAlpha = opened ? 0.13 : 0.26;
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
      stroke(ink, 1.5, [[x(from), bottom], [x(up), top]]);
      stroke(ink, 1.5, [[x(up) - 6, top + 8], [x(up), top], [x(up) + 3, top + 9]]);
      const held = leaves - up;
      if (how === 'answer' || how === 'empty') {
        const empty = how === 'empty';
        stroke(hue, empty ? 2 : 3, [[x(leaves), top], [x(down), bottom]], empty ? [4, 4] : []);
        if (empty) dot(x(down), bottom, 5, false, ink);
        const text = `held ${(held / 1000).toFixed(1)} s`;
        const room = context.measureText(text).width / 2 + font;
        if ((held * speed) / 1000 > room * 2) {
          const centre = Math.min(Math.max((x(up) + x(leaves)) / 2, gutter + room), x(leaves) - room);
          label('held', exchange, text, centre, middle);
        }
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
      const px = x(mark.time);
      if (px < -200) continue;
      if (mark.kind === 'cut') {
        stroke(ink, 2.5, [[px, top], [px - 4, top + (middle - top) / 2], [px + 4, middle],
          [px - 4, middle + (bottom - middle) / 2], [px, bottom]]);
      } else if (mark.kind !== 'gap') stroke(ink, 2, [[px, top], [px, bottom]], [3, 4]);
      const half = context.measureText(mark.word).width / 2;
      const py = mark.kind === 'gap' ? bottom - font : middle;
      label(`mark${py}`, mark, mark.word, Math.min(px, width - half - 6), py, ink, true);
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
