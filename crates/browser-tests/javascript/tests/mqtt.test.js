// The packets of the page of MQTT: examples of the standard, and messages that cut them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as packets from '../../../../static/mqtt/packets.js';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('packets are those of the standard', () => {
  const will = { topic: 'w', text: 'é', retain: true };
  const connect = packets.connect('a', 30, will);
  assert.equal(hex(connect), hex(bytes('10 14 0004 4d515454 04 26 001e 0001 61 0001 77 0002 c3a9')));
  assert.equal(hex(packets.subscribe(['a/b'])), hex(bytes('82 08 0001 0003 612f62 00')));
  assert.equal(hex(packets.unsubscribe(['#'])), hex(bytes('a2 05 0001 0001 23')));
  assert.equal(hex(packets.publish({ topic: 'a', text: 'x', retain: true, id: 258 })), '33060001610102' + '78');
  assert.equal(hex(packets.publish({ topic: 'a', text: 'x' })), '300400016178');
  assert.equal(hex(packets.PING) + hex(packets.DISCONNECT), 'c000e000');
});

// Table 2.4 of the standard: the most and the least of each number of bytes.
test('a length has seven bits a byte', () => {
  for (const [length, text] of [[127, '7f'], [128, '8001'], [16_383, 'ff7f'], [16_384, '808001']]) {
    const packet = packets.publish({ topic: 'a', text: 'x'.repeat(length - 3) });
    assert.equal(hex(packet.subarray(1, 1 + text.length / 2)), text);
    const [message] = new packets.Decoder().push(packet);
    assert.equal(message.text.length, length - 3);
  }
});

const COMING = bytes('20 02 0105 90 04 0001 0080 31 07 0001 61 e282ac78 34 05 0001 62 0007 40 02 0102 d0 00');
const READ = [
  { type: 'connack', code: 5 },
  { type: 'suback', code: 128 },
  { type: 'publish', retain: true, topic: 'a', text: '€x' },
  { type: 'publish', retain: false, topic: 'b', text: '' }, // QoS 2 has an id
  { type: 'puback', id: 258 },
  { type: 'pingresp', code: undefined },
];

test('packets are read wherever messages cut them', () => {
  assert.deepEqual(new packets.Decoder().push(COMING), READ);
  for (let size = 1; size < COMING.length; size++) {
    const decoder = new packets.Decoder();
    const read = [];
    for (let at = 0; at < COMING.length; at += size) read.push(...decoder.push(COMING.slice(at, at + size).buffer));
    assert.deepEqual(read, READ, `${size}`);
  }
});

test('a length of five bytes is an error', () => {
  assert.throws(() => new packets.Decoder().push(bytes('30 80808080 01')), /five bytes/);
});
