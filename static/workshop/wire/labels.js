// The names of the bytes, and how each kind is shown. The hub explains the labels.
import { request } from '/workshop/lib/request.js';

const known = await request('/labels');
const OTHER = { title: 'unknown', class: 'opaque', explains: '', reference: '' };

export const labelOf = (name) => known[name] ?? { ...OTHER, title: name };

// In the order of the bar, each with its meaning.
export const CLASSES = {
  head: 'start line and header fields of a request or response',
  framing: 'lengths and delimiters of messages',
  payload: 'data of the application',
  control: 'messages about the connection: heartbeat, ping, close, retry',
  opaque: 'bytes of no protocol that is known here',
};

// Shown in hex: these bytes are numbers.
export const BINARY = new Set(['ws-first', 'ws-length', 'ws-extended-length', 'ws-mask',
  'ws-close-code', 'mqtt-type', 'mqtt-length', 'mqtt-fields', 'engine-separator', 'opaque']);
// Their notes are shown beside the bytes, not only on request.
export const NOTED = new Set([...BINARY, 'chunk-size', 'last-chunk', 'sse-retry']);
// A client masks what it sends in a WebSocket (RFC 6455 §5.3): the note has the text.
export const isMasked = (label, direction) => direction === 'up'
  && (['ws-payload', 'ws-ping', 'ws-pong', 'ws-close-code', 'ws-close-reason'].includes(label)
    || /^(mqtt|engine|socket)-/.test(label));

export const OPCODES = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

// What a block is, by the labels in it.
const BLOCKS = [
  ['method', 'request head'], ['status', 'response head'], ['last-chunk', 'last chunk'],
  ['chunk-size', 'chunk'], ['trailer', 'trailer'], ['engine-type', 'packets'], ['body', 'body'],
  ['sse-comment', 'comment'], ['sse-dispatch', 'event'], ['chunk-line-end', 'end of chunk'],
];
export function nameOf(units) {
  const first = units.find(({ label }) => label === 'ws-first');
  if (first) {
    const frame = `${OPCODES[first.bytes[0] & 15] ?? 'unknown'} frame`;
    // Of a packet inside, what it is: PUBLISH, or a message.
    const packet = units.find(({ label }) => label === 'mqtt-type' || label === 'engine-type');
    return packet?.note ? `${frame}: ${packet.note.split(/[,:]/)[0]}` : frame;
  }
  const found = BLOCKS.find(([name]) => units.some(({ label }) => label === name));
  return found?.[1] ?? labelOf(units[0].label).title.toLowerCase();
}
