// What was really seen of one technique, in one row: events of its page, connections as the
// lens saw them, effects of the lens. Experiments wait for what they expect in it.
import { callListener } from '/shared/call-listener.js';
import { Tally } from '/shared/tally.js';
import { now } from '/shared/time.js';

const HISTORY_TTL = 120_000; // ms

export class Evidence {
  #live;
  #technique;
  #clock;
  #events = []; // { type, time, … }
  #waiting = new Set();
  #tally;
  #asked; // path and query of the page's latest request
  #active = new Map(); // effect → its message, while it is on this technique

  constructor(live, technique, clock) {
    this.#live = live;
    this.#technique = technique;
    this.#clock = clock;
    this.#tally = new Tally(clock);
    const about = (type, shape) => live.on(type, (value) => {
      const time = now();
      for (const event of shape(value)) this.add({ time, ...event });
    });
    about('room', ({ effects }) => this.#effects(effects));
    about('accounts', (accounts) => [{ type: 'accounts', ...accounts[technique] }]);
    about('bytes', fields);
    about('connection', (connection) => connection.technique !== technique ? []
      : [{ ...connection, type: connection.closed ? 'closed' : 'connection' }]);
  }

  add(told) {
    this.#tally.add(told);
    const { missed, duplicated } = this.#tally;
    if (told.type === 'request') this.#asked = path(told.url);
    // An application of the gallery says itself what it missed.
    const event = { missed, duplicated, ...told, asked: this.#asked };
    this.#events.push(event);
    while (this.#events[0].time < event.time - HISTORY_TTL) this.#events.shift();
    for (const waiter of this.#waiting) {
      callListener(() => waiter.test(event) && waiter.resolve(event));
    }
  }

  // Resolves to the first event after a time (by default: now) that passes the test, or to undefined
  // after so many ms (0: never).
  next(test, { after = now(), within = 0 } = {}) {
    const found = this.#events.find((event) => event.time > after && test(event));
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => {
      const waiter = { test: (event) => event.time > after && test(event) };
      const timer = within && setTimeout(() => waiter.resolve(), within);
      waiter.resolve = (event) => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        resolve(event);
      };
      this.#waiting.add(waiter);
    });
  }

  // All events of a type between two times.
  all(type, after, before = Infinity) {
    return this.#events.filter((event) =>
      event.type === type && event.time > after && event.time < before);
  }

  // The samples that were missed or duplicated since then, in words.
  toll(after) {
    const before = this.#events.findLast(({ time }) => time <= after);
    const missed = this.#tally.missed - (before?.missed ?? 0);
    const duplicated = this.#tally.duplicated - (before?.duplicated ?? 0);
    return `${missed} missed, ${duplicated} duplicated`;
  }

  latency({ time, sample }) {
    return Math.max(0, time - this.#clock.local(sample.at));
  }

  // When a sample was published, by this device's clock.
  published({ sample }) {
    return this.#clock.local(sample.at);
  }

  active(effect) {
    return this.#active.get(effect);
  }

  // Whether another effect than this one was on since that time.
  disturbed(effect, since) {
    const other = (name) => name !== effect;
    return [...this.#active.keys()].some(other)
      || this.all('off', since).some((event) => other(event.effect));
  }

  watch(what) {
    this.#live.send({ watch: what });
  }

  #effects(effects) {
    const events = [];
    const reaching = effects.filter(({ technique }) => !technique || technique === this.#technique);
    for (const effect of reaching) {
      if (!this.#active.has(effect.effect)) events.push({ ...effect, type: 'on' });
    }
    for (const effect of this.#active.keys()) {
      if (!reaching.some((other) => other.effect === effect)) events.push({ type: 'off', effect });
    }
    // Of two alike, the presenter's counts: while it lasts, the end of the other one changes nothing.
    const last = reaching.toSorted((a, b) => Number(b.by === 'you') - Number(a.by === 'you'));
    this.#active = new Map(last.map((effect) => [effect.effect, effect]));
    return events;
  }
}

// The target of a request, as it is on the wire.
function path(url) {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}

// The fields of a head that went over the wire.
function* fields({ pieces, direction }) {
  let name;
  for (const { label, hex } of pieces) {
    if (label === 'field-name') name = text(hex).toLowerCase();
    if (label === 'field-value') yield { type: 'field', direction, name, value: text(hex) };
  }
}

const text = (hex) => hex.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16)));
