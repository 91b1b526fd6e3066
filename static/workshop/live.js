// This page's line to the hub: one WebSocket, JSON messages of one key each, both ways.
import { backoff, pause } from '/shared/time.js';

export class Live {
  #url;
  #handlers = new Map(); // type → functions
  #room; // the latest, for handlers that come later
  #watch; // what to ask for again on a new connection
  #socket;
  #running; // the AbortController of the present run

  constructor() {
    const presenter = location.pathname.startsWith('/presenter');
    const path = presenter ? '/presenter/live' : '/live';
    this.#url = new URL(path, location.href.replace('http', 'ws'));
    // A page in the back/forward cache must hold no connection.
    addEventListener('pagehide', () => {
      this.#running.abort();
      this.#socket.close();
    });
    addEventListener('pageshow', ({ persisted }) => persisted && this.#start());
    this.#start();
  }

  // Hands over what stands under the message's one key, `handler(value)`. Besides the hub's
  // types there is `lost`, with true or false. A late handler gets the latest `room` at once.
  on(type, handler) {
    if (!this.#handlers.has(type)) this.#handlers.set(type, []);
    this.#handlers.get(type).push(handler);
    if (type === 'room' && this.#room) handler(this.#room);
  }

  // Whether there was a connection to send on. A `watch` is sent again on each new one.
  send(message) {
    if (message.watch) this.#watch = message;
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  async #start() {
    this.#running = new AbortController();
    const stopped = this.#running.signal;
    for (let failures = 0; ; failures++) {
      if (await this.#connect()) failures = 0;
      if (stopped.aborted) return;
      this.#hand('lost', true);
      await pause(backoff(failures), stopped);
      if (stopped.aborted) return;
    }
  }

  // One connection, from its start to its end; whether it said anything.
  #connect() {
    let heard = false;
    const socket = (this.#socket = new WebSocket(this.#url));
    return new Promise((resolve) => {
      socket.onopen = () => {
        this.#hand('lost', false);
        if (this.#watch) this.send(this.#watch);
      };
      socket.onmessage = ({ data }) => {
        heard = true;
        const [[type, value]] = Object.entries(JSON.parse(data));
        if (type === 'room') this.#room = value;
        this.#hand(type, value);
      };
      socket.onclose = () => resolve(heard);
    });
  }

  #hand(type, value) {
    for (const handler of this.#handlers.get(type) ?? []) handler(value);
  }
}

// A page has one; all its parts share it.
export const live = new Live();
