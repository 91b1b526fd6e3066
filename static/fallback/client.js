// Fallback: long polling first, a WebSocket as soon as one works.
import { acknowledged, recovers, showTransport, upgrades, whenSaid }
  from '/choices.js';
import { Page } from '/shared/page.js';
import { Refusal, backoff, idleTimeout, pause } from '/shared/time.js';

const page = new Page(start);
/** @type {any} */
let session = null; // { sid, signal, fail, alive, socket, probed, upgraded }

let recovery = {}; // { pid, offset }: our cursor, as Socket.IO has it
let failures = 0; // in a row; each may double the next wait

whenSaid((packet) => {
  if (!session?.connected) return false;
  page.sent('event');
  send(session, packet);
  return true;
});

// Connect; when that fails, back off and connect again, until stopped.
async function start(stopped) {
  while (!stopped.aborted) {
    try {
      await connect(page.connectionSignal(stopped));
    } catch (error) {
      if (stopped.aborted) return;
      const wait = backoff(failures++, error.retryAfter);
      page.failed(error, wait);
      await pause(wait, stopped);
    }
  }
}

// One session. It outlives its polls, and its move to a WebSocket.
function connect(signal) {
  session = { signal };
  const own = session;
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    own.fail = reject;
    open(own).catch(reject);
  }).finally(() => {
    own.connected = false;
    own.socket?.close();
    showTransport('none');
  });
}

async function open(session) {
  const [packet] = await poll(session);
  const { sid, pingInterval, pingTimeout }
    = JSON.parse(packet.slice(1)); // 0{"sid":…}
  session.sid = sid;
  // Each ping is due: without one, the server or the path is gone.
  session.alive = idleTimeout(pingInterval + pingTimeout, session.fail);
  showTransport('polling');
  if (upgrades()) probe(session);
  send(session, '40' + JSON.stringify(recovers() ? recovery : {}));
  while (!session.probed) {
    for (const packet of await poll(session)) read(session, packet);
  }
  session.socket.send('5'); // no poll is under way: from here, frames
  session.upgraded = true;
  page.request('WebSocket');
  page.opened();
  showTransport('WebSocket');
}

// Beside the polls, which go on unless the answer comes.
function probe(session) {
  const socket = session.socket = new WebSocket(url(session, 'websocket'));
  socket.onopen = () => socket.send('2probe');
  socket.onmessage = ({ data }) => {
    if (data === '3probe') session.probed = true; // ends our poll with 6
    else read(session, data);
  };
  socket.onclose = ({ code, reason }) => {
    session.probed = false;
    if (session.upgraded) session.fail(new Error(`closed ${code} ${reason}`));
    else showTransport('polling: WebSocket was refused');
  };
}

// A GET: all packets that the server has, or the next one.
async function poll(session) {
  page.request(url(session, 'polling'));
  const packets = (await ask(session)).split('\x1e');
  failures = 0;
  page.response(packets.length);
  return packets;
}

// One frame; or a POST, which passes the poll that is held.
function send(session, packet) {
  if (session.upgraded) return session.socket.send(packet);
  page.sent('post');
  ask(session, { method: 'POST', body: packet })
    .catch((error) => session.fail(error));
}

async function ask(session, options) {
  const { signal } = session;
  const response = await fetch(url(session, 'polling'),
    { cache: 'no-store', signal, ...options });
  if (response.ok) return response.text();
  const { status, headers } = response;
  throw new Refusal(status, headers.get('Retry-After'));
}

function url({ sid }, transport) {
  const known = sid ? `&sid=${sid}` : '';
  return `/socket.io/?EIO=4&transport=${transport}${known}`;
}

function read(session, packet) {
  session.alive();
  const [engine, socketio] = packet;
  if (engine === '1') session.fail(new Error('the server closed'));
  if (engine === '2') {
    send(session, '3');
    page.heartbeat();
  }
  if (engine !== '4') return;
  if (socketio === '0') welcome(session, JSON.parse(packet.slice(2)));
  if (socketio === '2') receive(...JSON.parse(packet.slice(2)));
  if (socketio === '3') acknowledged(packet);
}

// The same private id as before: nothing that we missed is lost.
function welcome(session, { pid }) {
  session.connected = true;
  recovery = { ...recovery, pid };
}

// The last argument of an event is the cursor behind it.
function receive(name, data, offset) {
  recovery.offset = offset;
  if (name === 'sample') page.sample(data);
  if (name === 'gap') page.gap(data);
}
