// This page's line to the hub: one WebSocket, JSON messages of one key each, both ways.
import { backoff, pause, silence } from '/shared/time.js';

const SILENCE = 30_000; // ms; the hub says something at least every 10 s

export class Live {
  #presenter = location.pathname.startsWith('/presenter');
  #url;
  #handlers = new Map(); // type → functions
  #room; // the latest, for handlers that come later
  #watch; // what to ask for again on a new connection
  #socket;
  #running; // the AbortController of the present run

  constructor() {
    const path = this.#presenter ? '/presenter/live' : '/live';
    this.#url = new URL(path, location.href.replace('http', 'ws'));
    // A page in the back/forward cache must hold no connection.
    addEventListener('pagehide', () => {
      this.#running.abort();
      this.#socket.close();
    });
    addEventListener('pageshow', ({ persisted }) => persisted && this.#start());
    void this.#start();
  }

  // Hands over what stands under the message's one key, `handler(value)`. Besides the hub's
  // types there is `lost`, with false, 'silent', or 'locked' where the key is another now. A late handler gets the latest `room` at once.
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
      this.#hand('lost', (await this.#locked()) ? 'locked' : 'silent');
      await pause(backoff(failures), stopped);
      if (stopped.aborted) return;
    }
  }

  // Why a WebSocket fails, no page is told: a presenter's may lack the key of today.
  async #locked() {
    if (!this.#presenter) return false;
    const signal = AbortSignal.timeout(5000);
    return fetch('/presenter', { cache: 'no-store', signal })
      .then(({ status }) => status === 403, () => false);
  }

  // One connection, from its start to its end; whether it said anything.
  #connect() {
    let heard = false;
    const socket = (this.#socket = new WebSocket(this.#url));
    return new Promise((resolve) => {
      // Who is dead does not answer a close() either.
      const alive = silence(SILENCE, () => {
        socket.onmessage = null;
        socket.close();
        resolve(heard);
      });
      socket.onopen = () => {
        this.#hand('lost', false);
        if (this.#watch) this.send(this.#watch);
      };
      socket.onmessage = ({ data }) => {
        heard = true;
        alive();
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
