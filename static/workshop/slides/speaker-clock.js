// The time of the talk, as a whole and for each chapter. It outlives a reload of the page.
import { now } from '/shared/time.js';
import { browser } from '/workshop/lib/kept.js';

const KEY = 'speaker-clock';

export class TalkClock {
  // `since`: when the present chapter began to count, or null while the clock stands;
  // `spent`: ms for each chapter before that; `from`: the slide at which it was started.
  #state = { since: null, chapter: null, spent: {}, from: null };

  constructor() {
    Object.assign(this.#state, browser.read(KEY));
  }

  // The slide that the time is counted from; none, before it is started.
  get from() {
    return this.running || this.spent > 0 ? this.#state.from : null;
  }

  get running() {
    return this.#state.since !== null;
  }

  spentOn(chapter) {
    const { since, chapter: present, spent } = this.#state;
    const more = since !== null && present === chapter ? now() - since : 0;
    return (spent[chapter] ?? 0) + more;
  }

  get spent() {
    const { chapter, spent } = this.#state;
    return [...new Set([...Object.keys(spent), chapter])]
      .reduce((sum, one) => sum + this.spentOn(one), 0);
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

  // From now on, time is spent on this chapter.
  turnTo(chapter) {
    if (chapter === this.#state.chapter) return;
    this.#bank();
    this.#state.chapter = chapter;
    this.#save();
  }

  #bank() {
    const { chapter, spent } = this.#state;
    if (!this.running) return;
    spent[chapter] = this.spentOn(chapter);
    this.#state.since = now();
  }

  #save() {
    browser.save(KEY, this.#state);
  }
}

// How far ahead of its plan a talk is, in ms (behind: less than 0), at a slide that is planned
// from `begins` to `ends`.
export function ahead(begins, ends, spent) {
  if (spent < begins) return begins - spent;
  return spent > ends ? ends - spent : 0;
}

const MINUTE = 60_000;

// To be read at a glance: less than half a minute does not count.
export function pace(ms) {
  const minutes = Math.round(Math.abs(ms) / MINUTE);
  if (minutes === 0) return 'On time';
  return `${minutes} min ${ms > 0 ? 'ahead' : 'behind'}`;
}
