// A path through the talk: the slides that it stops at, and the time that each may take: of its
// chapter's minutes, as much as it needs for what is said and done there, and a share of the rest. All
// are whole seconds, as they are shown, so that they add up.
import { neighbour } from '/workshop/slides/order.js';

const SECOND = 1000; // ms
const TURN_SECONDS = 2; // for what has nothing to say

export class Path {
  #all;
  #slides;
  #durations = new Map(); // slide of this path → ms

  // `all`: the slides of the talk, in order; `stopsAt(slide)`: whether this path does; `minutes`:
  // those of each chapter of this path, by its id.
  constructor(all, stopsAt, minutes) {
    this.#all = all;
    this.#slides = all.filter(stopsAt);
    for (const [chapter, count] of Object.entries(minutes)) {
      const parts = this.#slides.filter(({ dataset }) => dataset.chapter === chapter);
      const whole = parts.reduce((total, part) => total + needed(part), 0);
      let [used, before] = [0, 0];
      for (const slide of parts) {
        used += needed(slide);
        const end = SECOND * Math.round(60 * count * used / whole);
        this.#durations.set(slide, end - before);
        before = end;
      }
    }
  }

  stopsAt(slide) {
    return this.#durations.has(slide);
  }

  // Where a turn leads, also from a slide at which this path does not stop.
  neighbour(slide, where) {
    return neighbour(this.#all, (other) => this.stopsAt(other), slide, where);
  }

  // The number of slides of the talk between two of them.
  between(slide, next) {
    return this.#all.indexOf(next) - this.#all.indexOf(slide) - 1;
  }

  // ms of this path before a slide.
  before(slide) {
    const at = this.#all.indexOf(slide);
    return this.#sum((other) => this.#all.indexOf(other) < at);
  }

  // ms that a slide may take.
  duration(slide) {
    return this.#durations.get(slide) ?? 0;
  }

  // ms of a chapter, or of all.
  total(chapter) {
    return this.#sum(({ dataset }) => !chapter || dataset.chapter === chapter);
  }

  #sum(counts) {
    return this.#slides.filter(counts).reduce((sum, slide) => sum + this.duration(slide), 0);
  }
}

const needed = ({ dataset }) => Number(dataset.seconds) + TURN_SECONDS;
