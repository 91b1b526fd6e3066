// A page with nothing but the browser's own object: it shows the object's state, the newest
// sample and the events, and sends them to the page around it, as the other pages do.
import { el, write } from '/shared/dom.js';
import { timeOfDay } from '/shared/format.js';
import { ParentReporter } from '/shared/parent-reporter.js';
import { now } from '/shared/time.js';

const LINE_CAPACITY = 30;
const STATES = ['connecting', 'open', 'closing', 'closed']; // of a WebSocket

export class Bare {
  #part = (id) => document.getElementById(id);
  #parent = new ParentReporter();
  #states;

  constructor(states = STATES) {
    this.#states = states;
  }

  // Shows an event of `source`, an EventSource or a WebSocket.
  saw(type, source, words) {
    const state = this.#states[source.readyState];
    document.body.dataset.state = state;
    write(this.#part('state'), `readyState ${source.readyState}: ${state}`);
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
