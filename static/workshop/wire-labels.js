// What the bytes are called. The hub knows what each label means; here is how it is shown.

const known = await fetch('/labels').then((response) => response.json());
const OTHER = { title: 'unknown', class: 'opaque', explains: '', reference: '' };

export const labelOf = (name) => known[name] ?? { ...OTHER, title: name };

// In the order of the bar, each with what it is for.
export const CLASSES = {
  head: 'who asks for what, and how to read what follows',
  framing: 'where the next piece begins and ends',
  payload: 'what the page wanted to know',
  control: 'about the connection, not the data',
  opaque: 'bytes that follow no rule known here',
};

// These are numbers, not text.
export const BINARY = new Set(['ws-first', 'ws-length', 'ws-extended-length', 'ws-mask',
  'ws-close-code', 'opaque']);
// Their notes are shown beside the bytes, not only on request.
export const NOTED = new Set([...BINARY, 'chunk-size', 'last-chunk', 'sse-retry']);
// What a client says in a WebSocket is masked: its bytes are no text, its note is.
export const isMasked = (label, direction) => direction === 'up'
  && ['ws-payload', 'ws-ping', 'ws-pong', 'ws-close-code', 'ws-close-reason'].includes(label);

export const OPCODES = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

// What a foldable whole is, by the labels in it.
const WHOLES = [
  ['method', 'request head'], ['status', 'answer head'], ['last-chunk', 'last chunk'],
  ['chunk-size', 'chunk'], ['trailer', 'trailer'], ['body', 'body'],
  ['sse-comment', 'comment'], ['sse-dispatch', 'event'], ['chunk-line-end', 'end of chunk'],
];
export function nameOf(units) {
  const first = units.find(({ label }) => label === 'ws-first');
  if (first) return `${OPCODES[first.bytes[0] & 15] ?? 'unknown'} frame`;
  const found = WHOLES.find(([name]) => units.some(({ label }) => label === name));
  return found?.[1] ?? labelOf(units[0].label).title.toLowerCase();
}
