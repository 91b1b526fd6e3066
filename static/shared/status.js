// The state of the connection: a shape, a few words, and a note for some seconds.
// Screen readers announce a summary every 10 s, not every change.
import { write } from '/shared/dom.js';
import { seconds, unbroken } from '/shared/format.js';
import { now } from '/shared/time.js';

// Shapes on a 20 × 20 grid, told apart without colour.
const SHAPES = {
  open: 'M10 1a9 9 0 1 0 .01 0z',
  requesting: 'M10 1a9 9 0 1 0 .01 0zm0 3v12a6 6 0 0 0 0-12z',
  waiting: 'M10 1a9 9 0 1 0 .01 0zm0 3.5a5.5 5.5 0 1 1-.01 0z',
  disconnected: 'M3.5 1 10 7.5 16.5 1 19 3.5 12.5 10 19 16.5 16.5 19 10 12.5 3.5 19 1 16.5 7.5 10 1 3.5z',
  stopped: 'M2 2h16v16H2z',
};
const SHORT_WAIT_LIMIT = 300; // ms below which a wait is not worth counting
const QUIET_TIMEOUT = 5000; // ms after which an open connection is called quiet
const NOTE_TTL = 6000; // ms for which a note stays
const SUMMARY_INTERVAL = 10_000; // ms between two summaries
const SUMMARY_DELAY = 500; // ms from an event that matters to its summary
const SUMMARIZED_SOON = new Set(['started', 'failed', 'refused', 'gap', 'stopped']);

export class Status {
  #parts;
  /** @type {{ shape: string, words: (time: number) => string }} */
  #state = { shape: 'stopped', words: () => 'starting' };
  #open = null; // when the last byte came over an open stream
  #note = { text: '', until: 0 };
  #lost = ''; // why there is no connection; the first reason, until there is one again
  #delivered = 0;
  #missed = 0;
  #nextSummary = now() + SUMMARY_INTERVAL;
  #running = false;

  constructor(parts) {
    this.#parts = parts;
  }

  add(event) {
    const { type, time } = event;
    const set = (shape, words) => (this.#state = { shape, words });
    if (type === 'started') this.#running = true;
    if (!this.#running) {
      if (event.reason) this.#say(event.reason, Infinity);
      return this.render(time);
    }
    switch (type) {
      case 'started':
        this.#lost = '';
        this.#say('', 0);
        break;
      case 'request':
        set('requesting', (t) => t - time < SHORT_WAIT_LIMIT
          ? 'request sent'
          : `waiting ${seconds(t - time)} for ${this.#parts.awaited ?? 'a response'}`);
        break;
      case 'sample':
        this.#delivered++;
        if (this.#open) this.#open = time;
        break;
      case 'opened':
        this.#open = time;
        this.#reconnected(time);
        set('open', (t) => t - this.#open < QUIET_TIMEOUT
          ? 'open: listening' : `open: quiet for ${seconds(t - this.#open)}`);
        break;
      case 'heartbeat':
      case 'message':
        this.#open = time;
        break;
      case 'response':
        this.#reconnected(time);
        break;
      case 'waiting':
        set('waiting', (t) => `next request in ${seconds(time + event.ms - t)}`);
        break;
      case 'gap':
        this.#missed += event.gap.missed;
        this.#say(event.gap.restarted
          ? `server restarted, ${event.gap.missed} missed`
          : `${event.gap.missed} missed`, time + NOTE_TTL);
        break;
      case 'ended':
        this.#open = null;
        this.#say(event.reason, time + NOTE_TTL);
        break;
      case 'refused':
      case 'failed':
        this.#open = null;
        this.#lost ||= event.reason;
        this.#say(event.reason === this.#lost ? this.#lost : `${this.#lost}, then ${event.reason}`, Infinity);
        set('disconnected', (t) => event.ms === undefined
          ? 'disconnected: the browser reconnects'
          : `${type === 'refused' ? 'refused' : 'disconnected'}: reconnecting in ${seconds(time + event.ms - t)}`);
        break;
      case 'stopped':
        this.#running = false;
        this.#open = null;
        this.#say(event.reason ?? '', Infinity);
        set('stopped', () => 'stopped: nothing is sent');
        break;
    }
    if (SUMMARIZED_SOON.has(type)) this.#nextSummary = time + SUMMARY_DELAY;
  }

  render(time) {
    const { box, shape, words, note, summary } = this.#parts;
    box.dataset.state = this.#state.shape;
    shape.setAttribute('d', SHAPES[this.#state.shape]);
    write(words, unbroken(this.#state.words(time)));
    write(note, time < this.#note.until ? this.#note.text : '');
    if (time < this.#nextSummary) return;
    this.#nextSummary = this.#running ? time + SUMMARY_INTERVAL : Infinity;
    write(summary, `${this.#state.words(time)}. ${note.textContent} `
      + `${this.#delivered} delivered, ${this.#missed} missed.`);
  }

  #say(text, until) {
    this.#note = { text, until };
  }

  // Why the connection was lost is of the past, once there is another.
  #reconnected(time) {
    if (this.#lost) this.#say(`was: ${this.#lost}`, time + NOTE_TTL);
    this.#lost = '';
  }
}
