// How fast this page reads what comes: at once or, when asked to, slowly.
import { write } from '/shared/dom.js';

const SLOW_INTERVAL = 500; // ms between two reads
const QUEUE_CAPACITY = 5; // samples that were taken from the session and not read

export class Pace {
  #lane;
  #slow = document.querySelector('#slow');
  #output = document.querySelector('#slow ~ output');

  constructor(lane) {
    this.#lane = lane;
    this.#slow.addEventListener('change', () => this.#slow.checked || write(this.#output, ''));
  }

  // What comes, through a queue; `split` makes several items of one. `desiredSize` is how many
  // more the queue wants. At 0 or less, nothing is taken from the session: what comes waits in
  // the browser and, when that has enough, at the server.
  queue(readable, split = undefined) {
    const hasSamples = Boolean(split) === (this.#lane === 'stream');
    const transform = (item, queue) => {
      for (const one of split?.(item) ?? [item]) queue.enqueue(one);
      if (hasSamples && this.#slow.checked) write(this.#output, `desiredSize ${queue.desiredSize}`);
    };
    return readable.pipeThrough(new TransformStream({ transform },
      undefined, { highWaterMark: QUEUE_CAPACITY }));
  }

  async pause() {
    if (this.#slow.checked) await new Promise((resolve) => setTimeout(resolve, SLOW_INTERVAL));
  }
}

// Makes lines of text, however it is cut into chunks.
export function lineSplitter() {
  let rest = ''; // the start of a line, which a later chunk completes
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    return lines;
  };
}
