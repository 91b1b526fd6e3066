// This page's line to the hub: one WebSocket, JSON messages of one key each, both ways.
import { safely } from '/shared/safely.js';
import { silence } from '/shared/time.js';
import { stayConnected } from '/workshop/stay-connected.js';

const SILENCE = 30_000; // ms; the hub says something at least every 10 s

export class Live {
  #presenter = location.pathname.startsWith('/presenter');
  #url;
  #handlers = new Map(); // type → functions
  #room; // the latest, for handlers that come later
  #watch; // what to ask for again on a new connection
  #socket;

  constructor() {
    const path = this.#presenter ? '/presenter/live' : '/live';
    this.#url = new URL(path, location.href.replace('http', 'ws'));
    stayConnected((signal, heard) => this.#connect(signal, heard));
  }

  // Hands over what stands under the message's one key, `handler(value)`. Besides the hub's
  // types there is `lost`, with false, 'silent', or 'locked' where the key is another now. A late
  // handler gets the latest `room` at once.
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

  // One connection, from its start to its end.
  async #connect(signal, heard) {
    const socket = (this.#socket = new WebSocket(this.#url));
    await new Promise((resolve) => {
      signal.onabort = resolve;
      const alive = silence(SILENCE, resolve);
      socket.onopen = () => {
        this.#tell('lost', false);
        if (this.#watch) this.send(this.#watch);
      };
      socket.onmessage = ({ data }) => {
        heard();
        alive();
        const [[type, value]] = Object.entries(JSON.parse(data));
        if (type === 'room') this.#room = value;
        this.#tell(type, value);
      };
      socket.onclose = resolve;
    });
    socket.close(); // a dead server does not answer it
    this.#tell('lost', (await this.#locked(signal)) ? 'locked' : 'silent');
  }

  // Why a WebSocket fails, no page is told: a presenter's may lack the key of today.
  async #locked(signal) {
    if (!this.#presenter) return false;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(5000)]);
    return fetch('/presenter', { cache: 'no-store', signal: soon })
      .then(({ status }) => status === 403, () => false);
  }

  #tell(type, value) {
    for (const handler of this.#handlers.get(type) ?? []) safely(() => handler(value));
  }
}

// A page has one; all its parts share it.
export const live = new Live();
