// Bytes over time as a small line, on one scale for all techniques.
const SPACE = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [100, 20];
const POINT_CAPACITY = 300; // above it, every other one is removed

export class Plot {
  element = document.createElementNS(SPACE, 'svg');
  #line = document.createElementNS(SPACE, 'polyline');
  #points = []; // { time, bytes }

  constructor() {
    this.element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute('preserveAspectRatio', 'none');
    this.element.setAttribute('aria-hidden', 'true');
    this.element.append(this.#line);
  }

  clear() {
    this.#points = [];
    this.#line.setAttribute('points', '');
  }

  // `most`: the bytes of the technique that has taken the most.
  add(time, bytes, most) {
    this.#points.push({ time, bytes });
    if (this.#points.length > POINT_CAPACITY) {
      this.#points = this.#points.filter((_, index) => index % 2 === 0);
    }
    const from = this.#points[0].time;
    const points = this.#points.map((point) => {
      const x = (WIDTH * (point.time - from)) / Math.max(1, time - from);
      const y = HEIGHT - 1 - ((HEIGHT - 2) * point.bytes) / Math.max(1, most);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    this.#line.setAttribute('points', points.join(' '));
  }
}
