// MQTT: a broker sends what is published to the topics of this page.
import * as packets from '/packets.js';
import { LOST, Topics } from '/topics.js';
import { Page } from '/shared/page.js';
import { backoff, idleTimeout, pause } from '/shared/time.js';

// s: after half as much more without a packet, the connection is lost.
// The timers of a hidden tab run once a minute.
const KEEP_ALIVE = 60;
const page = new Page(start);
const topics = new Topics(send);
const query = new URLSearchParams(location.search);
const broker = query.get('broker') ?? '/mqtt';
let socket;

let newest = ''; // id of the last sample: no broker asks for it
let failures = 0; // in a row; each may double the next wait

// Connect; when that fails, back off and connect again, until stopped.
async function start(stopped) {
  while (!stopped.aborted) {
    try {
      await connect(page.connectionSignal(stopped), stopped);
    } catch (error) {
      if (stopped.aborted) return;
      const wait = backoff(failures++, error.retryAfter);
      page.failed(error, wait);
      await pause(wait, stopped);
    }
  }
}

// One WebSocket. Only a page that is stopped says good-bye: in all
// other cases the broker publishes our will.
function connect(signal, stopped) {
  page.request(broker);
  socket = new WebSocket(broker, ['mqtt']);
  socket.binaryType = 'arraybuffer';
  const decoder = new packets.Decoder(); // of one stream of bytes
  const ping = setInterval(() => send(packets.PING), 1000 * KEEP_ALIVE);
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    const resetTimeout = idleTimeout(1500 * KEEP_ALIVE, reject);
    socket.onopen = () => send(packets.connect(topics.id, KEEP_ALIVE,
      { topic: topics.own, text: LOST, retain: true }));
    socket.onmessage = ({ data }) => {
      resetTimeout();
      try {
        for (const packet of decoder.push(data)) read(packet, reject);
      } catch (error) {
        reject(error); // what came is no packet, or no sample
      }
    };
    socket.onclose = ({ code, reason }) =>
      reject(new Error(`closed ${code} ${reason}`));
  }).finally(() => {
    clearInterval(ping);
    if (stopped.aborted) leave();
    socket.close(1000);
  });
}

/** @param {any} packet */
function read({ type, code, id, topic, text, retain }, fail) {
  if (type === 'connack' && code) fail(new Error(`refused: ${code}`));
  else if (type === 'connack') connected();
  else if (type === 'pingresp') page.heartbeat();
  else if (type === 'suback') topics.subscribed(code);
  else if (type === 'puback') topics.published(id);
  else if (topic === 'samples') receive(JSON.parse(text));
  else if (topic) {
    const isWill = topics.show(topic, text, retain);
    page.message(isWill ? 'fell off' : 'topic');
  }
}

function connected() {
  failures = 0;
  page.opened();
  send(packets.subscribe(['samples', topics.filter]));
  publish('here');
}

// Retained: a page that comes later sees that we are here.
const publish = (text) =>
  send(packets.publish({ topic: topics.own, text, retain: true }));

function leave() {
  publish(''); // an empty message: none is retained any more
  send(packets.DISCONNECT);
}

function send(packet) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(packet);
  page.sent('packet');
  return true;
}

// The retained one may be the one that we have; those between are gone,
// since MQTT has no cursor.
function receive(sample) {
  if (sample.id === newest) return;
  newest = sample.id;
  page.sample(sample);
}
