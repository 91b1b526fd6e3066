// When each sample arrived: across, when it was published; upwards, how long it took. Where
// one packet was lost, the samples that wait behind it make a slope: each was published
// later, and all arrive at once.
const SPAN = 8000; // ms from one side to the other; a phone has half of it
const NARROW = 500; // px
const HEIGHT = 200; // ms from below to the top; what took longer is drawn there
const GRID = 100; // ms
const MISSING_DELAY = 600; // ms after which one that did not come gets a cross
const HISTORY = 10_000; // ms

export class ArrivalPlot {
  #canvas;
  #context;
  #samples = new Map(); // number → { at, took }, in this device's time
  #still = null; // while paused: what is drawn, and the time at the right edge

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  // `at`: when it was published, in this device's time; `time`: when it arrived.
  add(seq, at, time) {
    this.#samples.set(seq, { at, took: Math.max(0, time - at) });
    for (const [old, { at: published }] of this.#samples) {
      if (published > time - HISTORY) break;
      this.#samples.delete(old);
    }
  }

  // Samples are kept all the same.
  pause(right) {
    this.#still = right && { samples: new Map(this.#samples), right };
  }

  // `time` is the time at the right edge, unless it is paused.
  draw(time) {
    const { samples, right } = this.#still ?? { samples: this.#samples, right: time };
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!width || !height) return;
    const context = this.#context;
    const style = getComputedStyle(this.#canvas);
    const [soft, hue, ink] = ['--soft', '--hue', '--ink']
      .map((name) => style.getPropertyValue(name));
    for (const [side, css] of [['width', width], ['height', height]]) {
      const pixels = Math.round(css * devicePixelRatio);
      if (this.#canvas[side] !== pixels) this.#canvas[side] = pixels;
    }
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    const font = parseFloat(style.fontSize);
    context.font = `${font}px ${style.fontFamily}`;
    context.textBaseline = 'bottom';
    const span = width < NARROW ? SPAN / 2 : SPAN;
    const x = (at) => width - ((right - at) * width) / span;
    const y = (took) => height - 3 - (Math.min(took, HEIGHT) * (height - font - 6)) / HEIGHT;

    for (let took = 0; took <= HEIGHT; took += GRID) {
      context.globalAlpha = 0.4;
      this.#stroke(soft, 1, [[0, y(took)], [width, y(took)]]);
      context.globalAlpha = 1;
      context.fillStyle = soft;
      if (took) context.fillText(`${took} ms`, 0, y(took));
    }
    // All stems are one path, and all dots another: there are hundreds in each picture.
    const stems = [...samples.values()].map(({ at, took }) => [x(at), y(took)]);
    this.#stroke(hue, 1, ...stems.map(([left, top]) => [[left, y(0)], [left, top]]));
    context.fillStyle = hue;
    context.beginPath();
    for (const [left, top] of stems) {
      context.moveTo(left + 3, top);
      context.arc(left, top, 3, 0, 2 * Math.PI);
    }
    context.fill();
    for (const at of missing(samples, right)) {
      const [left, middle] = [x(at), y(HEIGHT) + 8];
      this.#stroke(ink, 2, [[left - 4, middle - 4], [left + 4, middle + 4]],
        [[left - 4, middle + 4], [left + 4, middle - 4]]);
    }
  }

  #stroke(color, width, ...lines) {
    const context = this.#context;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    for (const [from, to] of lines) {
      context.moveTo(...from);
      context.lineTo(...to);
    }
    context.stroke();
  }
}

// When those were published, about, that did not come: between their neighbours.
function missing(samples, now) {
  const numbers = [...samples.keys()].sort((a, b) => a - b);
  const times = [];
  for (const [index, next] of numbers.entries()) {
    const before = numbers[index - 1] ?? next;
    const from = samples.get(before).at;
    const step = (samples.get(next).at - from) / (next - before);
    for (let seq = before + 1; seq < next; seq++) {
      const at = from + step * (seq - before);
      if (now - at > MISSING_DELAY) times.push(at);
    }
  }
  return times;
}
