// A page with nothing but the browser's own object: its state in words, the newest sample,
// and what happened. It tells the page around it, as the others do.
import { el, write } from '/shared/dom.js';
import { timeOfDay } from '/shared/format.js';
import { Parent } from '/shared/parent.js';
import { now } from '/shared/time.js';

const LINE_CAPACITY = 30;
const STATES = ['connecting', 'open', 'closing', 'closed']; // of a WebSocket

export class Bare {
  #part = (id) => document.getElementById(id);
  #parent = new Parent();
  #states;

  constructor(states = STATES) {
    this.#states = states;
  }

  // Something happened to `it`, an EventSource or a WebSocket.
  saw(type, it, words) {
    const state = this.#states[it.readyState];
    document.body.dataset.state = state;
    write(this.#part('state'), `readyState ${it.readyState}: ${state}`);
    const time = now();
    this.#part('events').prepend(el('li', {}, el('span', {}, timeOfDay(time)), ` ${words}`));
    while (this.#part('events').children.length > LINE_CAPACITY) this.#part('events').lastChild.remove();
    this.#parent.add({ type, time, state });
  }

  sample(sample) {
    write(this.#part('sample'), `#${sample.seq} ${sample.data}`);
    this.#parent.add({ type: 'sample', time: now(), sample });
  }
}
