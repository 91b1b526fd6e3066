// Draws the sequence diagram of the requests, responses and samples that a page saw.
//
// Time runs to the right, and a pixel is always the same time. The upper line is the server,
// the lower one the client. A request rises, a response falls, and while it is open (a held
// request, a connection) there is a band between the two. A sample is a dot where it
// was published and a dot where it arrived; the thick line shows where it waited. On a fast
// network a request and its response would be one vertical line, so every line is drawn with
// a slant of at least SLANT_EM.
import { seconds } from '/shared/format.js';

const SLANT_EM = 0.55; // small distances are in em: on a projector they must be large
const RIGHT_MARGIN_EM = 1.8; // from "now" to the right border, room for the last label
const MIN_DISTANCE_EM = 0.2; // items that are nearer to each other look like one
const BATCH_INTERVAL = 40; // ms: samples that were published or arrived in it share a dot and a label
const BATCH_LIMIT = 500; // ms: batches that follow closely share a label: a phone reads them slower
const AWAITED = [3, 3]; // the dashes of a message whose echo is awaited
const RESPONSES = ['content', 'empty', 'refused']; // outcomes of a request that had a response

export class DiagramPainter {
  #canvas;
  #context;
  #local;
  #origin;
  #axis;
  #taken; // row → the stretches that its labels occupy
  ink; soft; paper; hue; // colours, as the canvas has them in CSS

  // `local` turns a server's time stamp into this device's time, the axis counts from
  // `origin`; without `axis` it is left to a neighbour.
  constructor(canvas, { local, origin, axis }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#local = local;
    this.#origin = origin;
    this.#axis = axis;
  }

  // Pixels a second: a phone shows about 6 s, a projector about 20 s.
  get speed() {
    return Math.max(42, this.#canvas.clientWidth / 21);
  }

  // `right` is the time at the right edge.
  draw({ exchanges, samples, ticks, marks }, right) {
    const canvas = this.#canvas;
    const context = this.#context;
    this.width = canvas.clientWidth;
    this.height = canvas.clientHeight;
    if (!this.width || !this.height) return;
    const style = getComputedStyle(canvas);
    for (const name of ['ink', 'soft', 'paper', 'hue']) {
      this[name] = style.getPropertyValue(`--${name}`);
    }
    this.font = parseFloat(style.fontSize);
    this.gutter = this.font * 4; // for the names of the lines
    this.top = this.font * 1.7; // the server's line, with room for numbers above
    this.bottom = this.height - this.font * (this.#axis ? 3.2 : 1.7); // the client's
    this.wordsAt = this.top + (this.bottom - this.top) * 0.4;
    this.right = right;
    this.slant = (SLANT_EM * this.font * 1000) / this.speed; // in ms
    this.#taken = new Map();

    const [width, height] = [this.width, this.height].map((css) => css * devicePixelRatio);
    if (canvas.width !== Math.round(width)) canvas.width = Math.round(width);
    if (canvas.height !== Math.round(height)) canvas.height = Math.round(height);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `${this.font}px ${style.fontFamily}`;
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    context.fillStyle = this.soft;
    context.textAlign = 'left';
    const { upper = 'server', lower = 'client' } = canvas.dataset;
    context.fillText(upper, 0, this.top);
    context.fillText(lower, 0, this.bottom);
    context.save();
    context.beginPath();
    context.rect(this.gutter, 0, this.width, this.height);
    context.clip();
    context.textAlign = 'center';

    this.#place(exchanges);
    const visible = this.#sparse(exchanges.filter(({ down }) => this.#x(down) > 0),
      ({ sent, outcome }) => (RESPONSES.includes(outcome) ? sent : null));
    if (this.#axis) this.#drawAxis();
    for (const exchange of visible) this.#drawBand(exchange);
    for (const y of [this.top, this.bottom]) {
      this.#line(this.soft, 2, [[0, y], [this.#x(right), y]]);
    }
    for (const exchange of visible) this.#drawExchange(exchange);
    this.#drawSamples(samples);
    for (const tick of this.#sparse(ticks, ({ time }) => time)) this.#drawTick(tick);
    // A gap's word is the one that matters most, so it takes its place first.
    for (const mark of marks) if (mark.kind === 'gap') this.#drawMark(mark);
    for (const mark of marks) if (mark.kind !== 'gap') this.#drawMark(mark);
    for (const exchange of visible) this.#drawHeld(exchange);
    context.restore();
  }

  #x(time) {
    return this.width - RIGHT_MARGIN_EM * this.font - ((this.right - time) * this.speed) / 1000;
  }

  // Keeps the first of several items on one spot: drawing thousands would delay the page, and
  // the page would measure that as latency. An item without a time is always kept.
  #sparse(list, timeOf) {
    let last;
    return list.filter((item) => {
      const time = timeOf(item);
      const spot = Math.floor((time * this.speed) / (1000 * MIN_DISTANCE_EM * this.font));
      if (time !== null && spot === last) return false;
      last = spot;
      return true;
    });
  }

  // Where each exchange is drawn: it rises from `from` to `up`; its response falls from
  // `leaves` to `down`. A request waits for the slant of the response before it.
  #place(exchanges) {
    const { slant } = this;
    let free = -Infinity;
    for (const exchange of exchanges) {
      const { sent, samples, end, outcome, opened } = exchange;
      exchange.from = Math.max(sent, Math.min(free, sent + slant));
      exchange.up = exchange.from + slant;
      // A request that failed within the slant did not reach the server.
      exchange.lost = ['failed', 'ended'].includes(outcome) && !opened && end - sent < slant;
      if (RESPONSES.includes(outcome)) {
        const left = outcome === 'content' ? this.#local(samples.at(-1).at) : end - slant;
        exchange.leaves = Math.max(exchange.up, Math.min(left, end));
        exchange.down = Math.max(end, exchange.leaves + slant);
        free = exchange.down;
      } else {
        exchange.leaves = exchange.down = Math.max(end ?? this.right, exchange.from);
      }
    }
  }

  // Seconds since the origin.
  #drawAxis() {
    const span = this.width / this.speed + 1;
    const from = Math.floor((this.right - this.#origin) / 1000 - span);
    const y = this.bottom + this.font * 1.75;
    for (let second = Math.max(0, from); second <= from + span + 2; second++) {
      const x = this.#x(this.#origin + second * 1000);
      const long = second % 5 === 0;
      this.#line(this.soft, long ? 2 : 1, [[x, y - 2], [x, y + (long ? 5 : 1)]]);
      if (long) this.#label('axis', {}, `${second} s`, x, this.height - this.font * 0.55, this.soft);
    }
  }

  #drawBand({ from, up, leaves, down, opened }) {
    const context = this.#context;
    if (((leaves - up) * this.speed) / 1000 < 2) return;
    context.fillStyle = this.hue;
    context.globalAlpha = opened ? 0.2 : 0.32;
    context.beginPath();
    context.moveTo(this.#x(from), this.bottom);
    context.lineTo(this.#x(Math.min(up, leaves)), this.top);
    context.lineTo(this.#x(leaves), this.top);
    context.lineTo(this.#x(down), this.bottom);
    context.fill();
    context.globalAlpha = 1;
  }

  #drawExchange({ from, up, leaves, down, outcome, lost }) {
    const { top, bottom, ink } = this;
    const start = [this.#x(from), bottom];
    if (lost) {
      const [x, y] = [this.#x(from + this.slant / 4), bottom - (bottom - top) / 4];
      const arm = this.font / 3;
      this.#line(ink, 1.5, [start, [x, y]]);
      this.#line(ink, 2.5, [[x - arm, y - arm], [x + arm, y + arm]]);
      this.#line(ink, 2.5, [[x + arm, y - arm], [x - arm, y + arm]]);
      return;
    }
    const [x, barb] = [this.#x(up), this.font / 3];
    this.#line(ink, 1.5, [start, [x, top]]);
    this.#line(ink, 1.5, [[x - barb, top + 1.4 * barb], [x, top], [x + barb / 2, top + 1.6 * barb]]);
    if (!RESPONSES.includes(outcome)) return;
    const fall = [[this.#x(leaves), top], [this.#x(down), bottom]];
    if (outcome === 'content') return this.#line(this.hue, 3, fall);
    this.#line(outcome === 'empty' ? this.hue : ink, 2, fall, [4, 4]);
    this.#dot(this.#x(down), bottom, 0.32, ink, this.paper);
  }

  // Published, waiting on the server, falling, delivered.
  #drawSamples(samples) {
    const { top, bottom, hue, font, slant } = this;
    let batch = [];
    const batches = [];
    const flush = () => {
      const [first, last] = [batch[0], batch.at(-1)];
      batch = [];
      if (!first) return;
      this.#dot(this.#x(first.down), bottom, 0.44, this.paper, hue);
      if (this.right - last.received >= BATCH_INTERVAL) batches.push([first, last]); // or more may come
    };
    // What one page reads at once, a slower one reads in parts: the label is the same.
    const joined = () => batches.reduce((all, [first, last]) => {
      const before = all.at(-1);
      const close = before && first !== last && first.received - before[1].received <= BATCH_INTERVAL
        && last.received - before[0].received <= BATCH_LIMIT;
      if (close) before[1] = last;
      else all.push([first, last]);
      return all;
    }, []);
    const together = (sample, first) =>
      sample.received - first.received <= BATCH_INTERVAL || sample.at - first.at <= BATCH_INTERVAL;
    const oldest = this.right - (this.width * 1000) / this.speed - 2 * slant;
    const inView = samples.slice(samples.findLastIndex(({ received }) => received < oldest) + 1);
    const dots = new Set(this.#sparse(inView, ({ at }) => at));
    for (const sample of inView) {
      const { exchange, received, seq } = sample;
      const at = Math.min(this.#local(sample.at), received);
      const poll = exchange.outcome === 'content';
      const leaves = poll ? exchange.leaves : Math.max(at, exchange.up);
      sample.down = poll ? exchange.down : Math.max(received, leaves + slant);
      if (batch.length && !together(sample, batch[0])) flush();
      batch.push(sample);
      if (!dots.has(sample)) continue;
      if (leaves - at > slant) this.#line(hue, 5, [[this.#x(at), top], [this.#x(leaves), top]]);
      if (!poll) this.#line(hue, 3, [[this.#x(leaves), top], [this.#x(sample.down), bottom]]);
      this.#dot(this.#x(at), top, 0.34, this.paper, hue);
      this.#label('server', sample, `${seq}`, this.#x(at), top - font * 0.95, this.soft);
    }
    flush();
    // Many that came together matter more than one, so their label takes its place first.
    const labels = joined();
    for (const [first, last] of labels) if (first !== last) this.#drawNumbers(first, last);
    for (const [first, last] of labels) if (first === last) this.#drawNumbers(first, last);
  }

  #drawNumbers(first, last) {
    const [from, to] = [first.seq, last.seq].sort((a, b) => a - b); // one may overtake the other
    const text = first === last ? `#${to}` : `#${from}–${to}`;
    this.#label('client', first, text, this.#x(first.down), this.bottom + this.font * 1.05);
  }

  // Nobody knows how far a message came whose echo is awaited: it ends halfway.
  #drawTick({ time, kind, awaited }) {
    const [x, later] = [this.#x(time), this.#x(time + this.slant)];
    const { top, bottom, ink, hue } = this;
    if (awaited) this.#line(ink, 1.5, [[x, bottom], [(x + later) / 2, (bottom + top) / 2]], AWAITED);
    else if (kind === 'sent') this.#line(ink, 1.5, [[x, bottom], [later, top]]);
    else if (kind === 'message') this.#line(hue, 1.5, [[x, top], [later, bottom]], [2, 4]);
    else this.#line(ink, 2, [[x, bottom - 7], [x, bottom + 7]]);
  }

  // A zigzag is a failed connection, a dotted line anything else; a lost request and a refusal
  // have signs of their own.
  #drawMark(mark) {
    const { kind, word, time, exchange } = mark;
    const { top, bottom, ink } = this;
    const x = this.#x(Math.max(time, exchange?.up ?? 0));
    if (x < -200) return;
    if (kind === 'failed' && !exchange.lost) {
      const step = (bottom - top) / 4;
      this.#line(ink, 2.5, [0, -4, 4, -4, 0].map((shift, index) => [x + shift, top + index * step]));
    } else if (kind !== 'refused' && !exchange?.lost) {
      this.#line(ink, 2, [[x, top], [x, bottom]], [3, 4]);
    }
    const half = this.#context.measureText(word).width / 2;
    this.#label('words', mark, word, x - half - 8, this.wordsAt, ink); // ends at the sign
  }

  // How long a request was held, where there is room for the label.
  #drawHeld({ sent, end, up, leaves, outcome }) {
    if (!RESPONSES.includes(outcome)) return;
    const text = `held ${seconds(end - sent)}`;
    const [from, to] = [Math.max(this.#x(up), this.gutter), this.#x(leaves)];
    if (to - from < this.#context.measureText(text).width + 2 * this.font) return;
    this.#label('words', {}, text, (from + to) / 2, this.wordsAt);
  }

  #line(color, thickness, points, dash = []) {
    const context = this.#context;
    context.strokeStyle = color;
    context.lineWidth = thickness;
    context.setLineDash(dash);
    context.beginPath();
    points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
  }

  #dot(x, y, radius, border, fill) {
    const context = this.#context;
    context.fillStyle = fill;
    context.strokeStyle = border;
    context.lineWidth = 2;
    context.setLineDash([]);
    context.beginPath();
    context.arc(x, y, radius * this.font, 0, 7);
    context.fill();
    context.stroke();
  }

  // Writes a label unless it would touch another in its row. A label that was left out once
  // stays out (its owner remembers), or labels would flicker as the picture moves.
  #label(row, owner, text, x, y, color = this.ink) {
    if (owner.shown?.[row] === false) return;
    const context = this.#context;
    const half = context.measureText(text).width / 2 + this.font * 0.3;
    if (!this.#taken.has(row)) this.#taken.set(row, []);
    const taken = this.#taken.get(row);
    const fits = taken.every(([from, to]) => x + half < from || x - half > to);
    owner.shown ??= {};
    owner.shown[row] ??= fits;
    if (!fits) return;
    taken.push([x - half, x + half]);
    if (x - half < this.gutter || x + half > this.width + this.font * 0.3) return;
    context.setLineDash([]);
    context.strokeStyle = this.paper;
    context.lineWidth = 5;
    context.strokeText(text, x, y);
    context.fillStyle = color;
    context.fillText(text, x, y);
  }
}
