// The time of the talk, as a whole, for each chapter and for each slide. It outlives a reload of the
// page.
import { now } from '/shared/time.js';
import { browser } from '/workshop/lib/kept.js';

const KEY = 'speaker-times';

export class TalkClock {
  // `since`: when the present slide began to count, or null while the clock stands; `spent`: ms for
  // each slide before that; `from`: the slide at which it was started.
  #state = { since: null, slide: null, spent: {}, from: null };

  constructor() {
    Object.assign(this.#state, browser.read(KEY));
  }

  // The slide that the time is counted from; none, before it is started.
  get from() {
    return this.running || this.spent > 0 ? this.#state.from : null;
  }

  // The slide that the time is counted for; none, while it stands.
  get present() {
    return this.running ? this.#state.slide : null;
  }

  get running() {
    return this.#state.since !== null;
  }

  // ms on each slide, by its id.
  get times() {
    const { since, slide, spent } = this.#state;
    return since === null ? spent : { ...spent, [slide]: (spent[slide] ?? 0) + now() - since };
  }

  spentOn(chapter) {
    const times = Object.entries(this.times).filter(([slide]) => slide.startsWith(`${chapter}/`));
    return sum(times.map(([, ms]) => ms));
  }

  get spent() {
    return sum(Object.values(this.times));
  }

  // Starts, pauses or resumes it, at a slide.
  toggle(slide) {
    if (!this.running && this.spent === 0) this.#state.from = slide;
    this.#bank();
    this.#state.since = this.running ? null : now();
    this.#save();
  }

  reset() {
    this.#state = { ...this.#state, since: null, spent: {} };
    this.#save();
  }

  // From now on, time is spent on this slide.
  turnTo(slide) {
    if (slide === this.#state.slide) return;
    this.#bank();
    this.#state.slide = slide;
    this.#save();
  }

  #bank() {
    if (!this.running) return;
    this.#state.spent = this.times;
    this.#state.since = now();
  }

  #save() {
    browser.save(KEY, this.#state);
  }
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

// How far ahead of its plan a talk is, in ms (behind: less than 0), at a slide that is planned to
// begin after `begins` ms and to take `duration`. It stays the same while the slide takes its time.
export const ahead = ({ begins, duration, onSlide, spent }) => begins + Math.min(onSlide, duration) - spent;

const MINUTE = 60_000;

// To be read at a glance: less than half a minute does not count.
export function pace(ms) {
  const minutes = Math.round(Math.abs(ms) / MINUTE);
  if (minutes === 0) return 'On time';
  return `${minutes} min ${ms > 0 ? 'ahead' : 'behind'}`;
}
