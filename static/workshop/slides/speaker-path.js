// A path through the talk: the slides that it stops at, and the time that each may take, an equal
// share of its chapter's minutes.
const MINUTE = 60_000;

export class Path {
  #all;
  #slides;
  #durations = new Map(); // slide of this path → ms

  // `all`: the slides of the talk, in order; `stopsAt(slide)`: whether this path does; `minutes`:
  // those of each chapter of this path, by its id.
  constructor(all, stopsAt, minutes) {
    this.#all = all;
    this.#slides = all.filter(stopsAt);
    for (const slide of this.#slides) {
      const { chapter } = slide.dataset;
      const count = this.#slides.filter(({ dataset }) => dataset.chapter === chapter).length;
      this.#durations.set(slide, MINUTE * minutes[chapter] / count);
    }
  }

  stopsAt(slide) {
    return this.#durations.has(slide);
  }

  // The slide that comes next, or before, also from one at which this path does not stop.
  neighbour(slide, where) {
    if (where === 'first') return this.#slides[0];
    if (where === 'last') return this.#slides.at(-1);
    const at = this.#all.indexOf(slide);
    const isNext = (other) => this.#all.indexOf(other) > at;
    const isPrevious = (other) => this.#all.indexOf(other) < at;
    return where === 'next' ? this.#slides.find(isNext) : this.#slides.findLast(isPrevious);
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
    return Math.round(this.#slides.filter(counts)
      .reduce((sum, slide) => sum + this.duration(slide), 0));
  }
}
