// A conversation of npm's mqtt with the broker at argv[2]: ws://HOST/mqtt.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connectAsync } from 'mqtt';

const url = process.argv[2];
const options = { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 5000 };
const open = (clientId, more) => connectAsync(url, { ...options, clientId, ...more });
const message = async (client) => {
  const [topic, payload, { retain }] = await once(client, 'message');
  return [topic, String(payload), retain];
};

const desk = await open('desk');
const [granted] = await desk.subscribeAsync('interop/+', { qos: 1 });
assert.equal(granted.topic, 'interop/+');

const ada = await open('ada', { will: { topic: 'interop/ada', payload: 'fell off', qos: 0, retain: true } });
// In parts, and as long as a packet may be.
let next = message(desk);
await ada.publishAsync('interop/long', 'x'.repeat(16_000), { qos: 1 });
assert.equal((await next)[1].length, 16_000);

// Retained, and acknowledged: for those that are here, and for those that come later.
next = message(desk);
await ada.publishAsync('interop/ada', 'grüß', { qos: 1, retain: true });
assert.deepEqual(await next, ['interop/ada', 'grüß', false]);
const late = await open('late');
next = message(late);
await late.subscribeAsync('interop/#');
assert.deepEqual(await next, ['interop/ada', 'grüß', true]);

// Its connection is cut, and its will says so.
next = Promise.all([message(desk), message(late)]);
ada.stream.destroy();
assert.deepEqual(await next, [['interop/ada', 'fell off', false], ['interop/ada', 'fell off', false]]);

// After UNSUBSCRIBE only one of the two has it.
await late.unsubscribeAsync('interop/#');
let stray = 0;
late.on('message', () => stray++);
next = message(desk);
await desk.publishAsync('interop/ada', '', { qos: 1, retain: true });
assert.deepEqual(await next, ['interop/ada', '', false]);
await late.subscribeAsync('interop/none');
assert.equal(stray, 0);

// A session outlives its connection; a client that keeps silent sends pings.
let lasting = await open('lasting', { clean: false, keepalive: 2 });
await lasting.subscribeAsync('interop/lasting');
const pong = once(lasting, 'packetreceive');
assert.equal((await pong)[0].cmd, 'pingresp');
await lasting.endAsync();
lasting = await open('lasting', { clean: false });
next = message(lasting);
await desk.publishAsync('interop/lasting', 'again');
assert.deepEqual(await next, ['interop/lasting', 'again', false]);

// Refused, with a reason that the client knows.
await assert.rejects(open('', { clean: false }), /Identifier rejected|Missing clientId/);

for (const client of [desk, late, lasting]) await client.endAsync();
console.log('all is well');
