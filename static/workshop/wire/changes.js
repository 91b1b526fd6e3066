// What a proxy changed: the heads of the same request, and of its response, before the proxy and behind
// it. What has no sure pair is passed over.
import { fromHex, plain } from '/workshop/wire/bytes.js';

const VALUE_LIMIT = 60; // characters of a value that are shown
const CONNECTION_LIMIT = 50; // the newest are remembered
const EXCHANGE_LIMIT = 50; // on a side, or on a connection
const RACE_DELAY = 50; // ms: the lens before the proxy may note a request after the one behind it
const START_LINE = ['method', 'target', 'version', 'status', 'reason'];
const OTHER_SIDE = { before: 'behind', behind: 'before' };

export class Changes {
  #isEndpoint;
  #connections = new Map(); // id → the heads that are coming, and the exchanges that wait for a response
  #unpaired = { before: [], behind: [] }; // exchanges of the technique, oldest first

  // `isEndpoint(target)`: whether a request is one of the technique's own. No other is compared.
  constructor(isEndpoint) {
    this.#isEndpoint = isEndpoint;
  }

  // From now on, a side's bytes are those of this connection. Some of its own may have been missed, and
  // responses on the one before it are not seen any more.
  begin(side, connection) {
    this.#connections.delete(connection);
    this.#unpaired[side] = this.#unpaired[side].filter(({ response }) => response);
  }

  // Takes the bytes of a side ('before' or 'behind' the proxy). Returns what the proxy changed of each
  // head that both sides now have: whether of the 'request' or the 'response', and a line of text.
  add(side, { connection, at, direction, pieces }) {
    const { heads, unanswered } = this.#of(connection);
    const lines = [];
    for (const { unit, label, hex } of pieces) {
      if (START_LINE.includes(label) || label.startsWith('field-')) {
        const units = (heads[direction] ??= new Map());
        const known = units.get(unit) ?? { label, text: '' };
        units.set(unit, { label, text: known.text + plain(fromHex(hex)) });
      } else if (label === 'head-end' && heads[direction]) {
        const head = read([...heads[direction].values()]);
        delete heads[direction];
        const exchange = direction === 'up' ? this.#request(side, unanswered, at, head)
          : response(unanswered, at, head);
        const what = direction === 'up' ? 'request' : 'response';
        if (exchange?.pair?.[what]) lines.push({ what, text: compare(what, exchange) });
      }
    }
    return lines;
  }

  #of(connection) {
    const known = this.#connections.get(connection) ?? { heads: {}, unanswered: [] };
    this.#connections.set(connection, known);
    if (this.#connections.size > CONNECTION_LIMIT) {
      this.#connections.delete(this.#connections.keys().next().value);
    }
    return known;
  }

  // Notes a request. Its pair is the oldest one of the other side with its method and target.
  #request(side, unanswered, at, request) {
    const exchange = { side, at, request };
    add(unanswered, exchange);
    if (!this.#isEndpoint(request.start[1])) return exchange;
    const others = this.#unpaired[OTHER_SIDE[side]];
    const index = others.findIndex((other) => arePair(exchange, other));
    if (index === -1) {
      add(this.#unpaired[side], exchange);
    } else {
      [exchange.pair] = others.splice(index, 1);
      exchange.pair.pair = exchange;
    }
    return exchange;
  }
}

function add(exchanges, exchange) {
  exchanges.push(exchange);
  if (exchanges.length > EXCHANGE_LIMIT) exchanges.shift();
}

// Responses come in the order of the requests (RFC 9112 §9.3.2); an interim one is not the last (RFC
// 9110 §15.2).
function response(unanswered, at, head) {
  const [, status] = head.start;
  if (status.startsWith('1') && status !== '101') return null;
  const exchange = unanswered.shift();
  return exchange && Object.assign(exchange, { response: head, answered: at });
}

// A proxy passes a request on after it came, and before it is answered.
function arePair(one, other) {
  const [before, behind] = one.side === 'before' ? [one, other] : [other, one];
  return [0, 1].every((part) => one.request.start[part] === other.request.start[part])
    && behind.at > before.at - RACE_DELAY && behind.at <= (before.answered ?? Infinity);
}

function read(units) {
  const start = units.filter(({ label }) => START_LINE.includes(label)).map(({ text }) => text);
  const fields = new Map();
  let name = '';
  for (const { label, text } of units) {
    if (label === 'field-name') name = text;
    if (label !== 'field-value') continue;
    const key = name.toLowerCase();
    const before = fields.get(key);
    fields.set(key, { name, value: before ? `${before.value}, ${text}` : text });
  }
  return { start, fields };
}

// The proxy has the request from before it, and the response from behind.
function compare(what, exchange) {
  const { pair, side } = exchange;
  const [came, left] = (what === 'request') === (side === 'before')
    ? [exchange[what], pair[what]] : [pair[what], exchange[what]];
  const parts = left.start.flatMap((part, i) =>
    (part === came.start[i] ? [] : [`${short(came.start[i] ?? '')} → ${short(part)}`]));
  // What is missing breaks more than what was added.
  for (const [key, { name }] of came.fields) {
    if (!left.fields.has(key)) parts.push(`− ${name}`);
  }
  for (const [key, { name, value }] of left.fields) {
    const old = came.fields.get(key);
    if (old && key === 'date') continue; // a proxy's own clock, at times a second later
    if (!old) parts.push(`+ ${name}: ${short(value)}`);
    else if (old.value !== value) parts.push(`${name}: ${short(old.value)} → ${short(value)}`);
  }
  return parts.length ? `The proxy changed the ${what}: ${parts.join(' · ')}`
    : `The proxy changed nothing of the ${what}’s head.`;
}

const short = (text) => (text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}…` : text);
