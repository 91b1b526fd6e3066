// Lanes for demos that run alone, on request. Their samples are their own, and no lens counts
// their bytes: a line says what the page itself counted.
import { el, write } from '/shared/dom.js';
import { latency } from '/shared/format.js';
import { Lane } from '/workshop/compare/lane.js';
import { portHere, setup } from '/workshop/lib/setup.js';
import { title } from '/workshop/lib/techniques.js';

const PORTS = { webrtc: 7, webtransport: 8 }; // above the hub's
const RETRY_INTERVAL = 5000; // ms after which a demo that sent nothing is looked for again
const LETTERS = 'BCDFGHJKMNPQRSTVWXZ'; // of a room of WebRTC

// A button for each, which adds and removes its lane.
export function runAlone(buttons, list, clock) {
  for (const technique of Object.keys(PORTS)) {
    const button = el('button', {}, `Add ${title(technique)}`);
    let lane = null;
    button.addEventListener('click', () => {
      lane = lane ? lane.end() : new LaneAlone(technique, clock);
      if (lane) list.append(lane.element);
      write(button, `${lane ? 'Remove' : 'Add'} ${title(technique)}`);
    });
    buttons.append(button);
  }
}

class LaneAlone {
  #technique;
  #lanes = [];
  #line = el('p', { role: 'status' });
  #retry;
  #ended = false;

  constructor(technique, clock) {
    this.#technique = technique;
    this.element = el('li', { className: 'alone' }, this.#line);
    void this.#open(technique === 'webrtc' ? meeting() : ['/'], clock);
  }

  async #open(pages, clock) {
    const { port: hub } = await setup;
    const port = hub + PORTS[this.#technique];
    const origin = `${location.protocol}//${location.hostname}:${await portHere(port)}`;
    if (this.#ended) return;
    this.#lanes = pages.map((path) =>
      new Lane(this.#technique, clock, (lane) => this.#show(lane), { origin, path }));
    const [shown, ...others] = this.#lanes;
    const own = hub === 3000 ? '' : ` -- --port ${port}`;
    write(this.#line, `${title(this.#technique)} sent nothing yet. It runs alone: `
      + `cargo run -p ${this.#technique}${own}`);
    for (const { element } of others) element.hidden = true;
    this.element.prepend(el('ul', {}, ...this.#lanes.map(({ element }) => element)));
    this.#start();
    this.#retry = setInterval(() => shown.tally.delivered || this.#start(), RETRY_INTERVAL);
  }

  #start() {
    for (const lane of this.#lanes) {
      lane.stop();
      void lane.start();
    }
  }

  #show(lane) {
    if (lane !== this.#lanes[0]) return;
    const { delivered, missed, newest } = lane.tally;
    lane.show(newest);
    write(this.#line, `${title(this.#technique)}, on samples of its own: ${delivered} delivered, ${missed} missed, `
      + `p50 ${latency(lane.tally.latency(0.5))}, p99 ${latency(lane.tally.latency(0.99))}`);
  }

  end() {
    this.#ended = true;
    clearInterval(this.#retry);
    this.#lanes.forEach((lane) => lane.stop());
    this.element.remove();
    return null;
  }
}

// Two pages of one room: what the first shows comes from the second.
function meeting() {
  const letter = () => LETTERS[Math.floor(Math.random() * LETTERS.length)];
  const room = Array.from({ length: 4 }, letter).join('');
  return [`/?room=${room}`, `/?room=${room}`];
}
