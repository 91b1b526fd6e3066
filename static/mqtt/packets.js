// The packets of MQTT 3.1.1 that this page sends and is sent. Each is a type and flags in
// one byte, its length in seven bits a byte, and its fields.
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NAMES = { 2: 'connack', 3: 'publish', 4: 'puback', 9: 'suback', 11: 'unsuback', 13: 'pingresp' };

export const PING = packet(0xc0);
export const DISCONNECT = packet(0xe0);

// With a clean session, and a will: what the broker is to publish when the connection is lost.
export function connect(id, keepAlive, will) {
  const flags = 0x06 | (will.retain ? 0x20 : 0);
  return packet(0x10, string('MQTT'), [4, flags], number(keepAlive),
    string(id), string(will.topic), string(will.text));
}

// Each filter with the QoS that it asks for: 0.
export const subscribe = (filters) =>
  packet(0x82, number(1), ...filters.flatMap((filter) => [string(filter), [0]]));

export const unsubscribe = (filters) => packet(0xa2, number(1), ...filters.map(string));

// With an id, it is QoS 1: the broker answers with PUBACK.
export const publish = ({ topic, text, retain = false, id = undefined }) =>
  packet(0x30 | (retain ? 1 : 0) | (id ? 2 : 0), string(topic), id ? number(id) : [], encoder.encode(text));

const number = (value) => [value >> 8, value & 0xff];

function string(text) {
  const bytes = encoder.encode(text);
  return [...number(bytes.length), ...bytes];
}

function packet(first, ...fields) {
  const bytes = fields.flatMap((field) => [...field]);
  const length = [];
  let rest = bytes.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest);
  return new Uint8Array([first, ...length, ...bytes]);
}

// Puts the bytes of messages together, and cuts them into packets.
export class Decoder {
  #bytes = new Uint8Array();

  // The packets that are complete with these bytes.
  push(more) {
    const bytes = new Uint8Array(this.#bytes.length + more.byteLength);
    bytes.set(this.#bytes);
    bytes.set(new Uint8Array(more), this.#bytes.length);
    const packets = [];
    let start = 0;
    for (;;) {
      const { from, to } = extent(bytes, start);
      if (!(to <= bytes.length)) break;
      packets.push(decode(bytes[start], bytes.subarray(from, to)));
      start = to;
    }
    this.#bytes = bytes.slice(start);
    return packets;
  }
}

// Where the fields of a packet are; nowhere, if its length is not complete.
function extent(bytes, start) {
  let length = 0;
  for (let place = 0; place < 4; place++) {
    const byte = bytes[start + 1 + place];
    if (byte === undefined) return {};
    length += (byte & 0x7f) * 128 ** place;
    const from = start + 2 + place;
    if (!(byte & 0x80)) return { from, to: from + length };
  }
  throw new Error('a packet whose length has five bytes');
}

function decode(first, fields) {
  const type = NAMES[first >> 4];
  if (type === 'suback') return { type, code: Math.max(...fields.subarray(2)) };
  if (type === 'puback') return { type, id: fields[0] << 8 | fields[1] };
  if (type !== 'publish') return { type, code: fields[1] };
  const topicEnd = 2 + (fields[0] << 8 | fields[1]);
  const idLength = first & 6 ? 2 : 0; // QoS 1 and 2 have one
  return {
    type,
    retain: Boolean(first & 1),
    topic: decoder.decode(fields.subarray(2, topicEnd)),
    text: decoder.decode(fields.subarray(topicEnd + idLength)),
  };
}
