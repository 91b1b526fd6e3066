// This page's line to the hub: one WebSocket, JSON messages of one key each, both ways.
import { callListener } from '/shared/call-listener.js';
import { idleTimeout } from '/shared/time.js';
import { stayConnected } from '/workshop/lib/stay-connected.js';
import { isPresenters } from '/workshop/lib/windows.js';

// ms. The hub sends something at least every 10 s, to a presenter every 2 s: a presenter's buttons
// are disabled soon after the connection is lost.
const SILENCE_TIMEOUT = 30_000;
const PRESENTER_SILENCE_TIMEOUT = 5000;
// A command is done within 2 s, or not at all: the hub refuses a command that arrives after
// COMMAND_TIMEOUT, and has the rest of the time to say so.
const ANSWER_TIMEOUT = 2000;
const COMMAND_TIMEOUT = 1500;
const KEY_CHECK_TIMEOUT = 5000;
const EARLY_LIMIT = 1000; // messages that are kept for a handler that comes later

export class Live {
  #presenter = location.pathname.startsWith('/presenter');
  #handlers = new Map(); // type → functions
  #room; // the latest, for handlers that come later
  #early = []; // [type, value] of what came on this connection before there was a handler for it
  #watch; // what to ask for again on a new connection
  #socket;
  #commands = 0; // so many were given
  #given = new Map(); // number of a command → the function that takes its answer
  #needsKey = false; // whether the hub has a new key, and `lost` said so
  #keyEntered; // in another window of a presenter, and so for all of this browser
  #ahead; // the hub's clock minus ours, ms; the largest seen is the one that was least delayed

  constructor() {
    const retry = stayConnected((signal, resetBackoff) => this.#connect(signal, resetBackoff));
    if (this.#presenter) this.#keyEntered = new BroadcastChannel('key-entered');
    this.#keyEntered?.addEventListener('message', () => this.#needsKey && retry());
  }

  // Calls `handler(value)` with the value under the message's one key. Besides the hub's
  // types there is `lost`, with false, 'silent', or 'locked' where the key is another now. A late
  // handler gets the latest `room`, and the first one of a type what came before it, as soon as the
  // script that adds it has run: what it uses may be further down there.
  on(type, handler) {
    if (!this.#handlers.has(type)) this.#handlers.set(type, []);
    this.#handlers.get(type).push(handler);
    queueMicrotask(() => this.#catchUp(type, handler));
  }

  #catchUp(type, handler) {
    if (type === 'room' && this.#room) callListener(() => handler(this.#room));
    const early = this.#early.filter(([of]) => of === type);
    this.#early = this.#early.filter(([of]) => of !== type);
    for (const [, value] of early) callListener(() => handler(value));
  }

  // Whether there was a connection to send on. A `watch` is sent again on each new one; all
  // else that a presenter's page sends is a command.
  send(message) {
    if (message.watch) this.#watch = message;
    const command = this.#presenter && !message.watch;
    if (command ? !this.#takesCommands() : !this.#open()) return false;
    if (command) void this.command(message);
    else this.#socket.send(JSON.stringify(message));
    return true;
  }

  #open() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  // A command has a time on the hub's clock, which comes with the first `room`.
  #takesCommands() {
    const known = this.#ahead !== undefined;
    if (this.#open() && !known) this.#tell('error', 'this page is still connecting: press again');
    return this.#open() && known;
  }

  // Resolves to whether the hub did it; the reason, if it did not, is an `error`.
  async command(ask) {
    if (!this.#takesCommands()) return false;
    const id = ++this.#commands;
    const until = Math.max(0, Math.round(performance.now() + this.#ahead + COMMAND_TIMEOUT));
    this.#socket.send(JSON.stringify({ command: { id, until, ask } }));
    return new Promise((resolve) => {
      const settle = (error) => {
        if (!this.#given.delete(id)) return;
        if (error) this.#tell('error', error);
        resolve(!error);
      };
      this.#given.set(id, settle);
      setTimeout(settle, ANSWER_TIMEOUT, 'the workshop does not answer, and will not do it later.');
    });
  }

  #take(type, value) {
    if (type === 'done') return this.#given.get(value)?.();
    if (type === 'refused') return this.#given.get(value.id)?.(value.why);
    if (type === 'room') {
      this.#room = value;
      this.#ahead = Math.max(this.#ahead ?? -Infinity, value.now - performance.now());
    }
    if (type !== 'room' && !this.#handlers.has(type) && this.#early.length < EARLY_LIMIT) this.#early.push([type, value]);
    this.#tell(type, value);
  }

  // The presenter is told how many pages are at which path; those on the projector do not follow.
  #url() {
    const at = encodeURIComponent(location.pathname);
    const own = isPresenters() ? '&presenters=true' : '';
    return `${this.#presenter ? '/presenter' : ''}/live?at=${at}${own}`;
  }

  // One connection, from its start to its end.
  async #connect(signal, resetBackoff) {
    // Chromium delays a page's next WebSocket by seconds where many have failed.
    if (this.#needsKey && await this.#locked(signal)) return;
    const socket = (this.#socket = new WebSocket(this.#url()));
    this.#ahead = undefined;
    this.#early = []; // the hub tells everything again
    await new Promise((resolve) => {
      signal.onabort = resolve;
      const resetTimeout = idleTimeout(this.#presenter ? PRESENTER_SILENCE_TIMEOUT : SILENCE_TIMEOUT, resolve);
      socket.onopen = () => {
        this.#keyEntered?.postMessage(null);
        this.#needsKey = false;
        this.#tell('lost', false);
        if (this.#watch) this.send(this.#watch);
      };
      socket.onmessage = ({ data }) => {
        resetBackoff();
        resetTimeout();
        const [[type, value]] = Object.entries(JSON.parse(data));
        this.#take(type, value);
      };
      socket.onclose = resolve;
    });
    socket.close(); // a dead server does not answer it
    // The need for a key is reported once: a link that is replaced can't be clicked.
    if (!this.#needsKey) this.#tell('lost', 'silent');
    const locked = await this.#locked(signal);
    if (locked !== this.#needsKey) this.#tell('lost', locked ? 'locked' : 'silent');
    this.#needsKey = locked;
  }

  // A browser does not tell a page why a WebSocket failed: a presenter's may have an old key.
  async #locked(signal) {
    if (!this.#presenter) return false;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(KEY_CHECK_TIMEOUT)]);
    return fetch('/presenter', { cache: 'no-store', signal: soon })
      .then(({ status }) => status === 403, () => false);
  }

  #tell(type, value) {
    for (const handler of this.#handlers.get(type) ?? []) callListener(() => handler(value));
  }
}

// A page has one; all its parts share it.
export const live = new Live();
