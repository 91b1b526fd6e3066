// Fallback: long polling first, a WebSocket as soon as one works.
import { showTransport, upgrades, whenSaid } from '/choices.js';
import { connectPacket, countSamples, receive } from '/socket-io.js';
import { Page } from '/shared/page.js';
import { Refusal, backoff, idleTimeout, pause } from '/shared/time.js';

const page = new Page(start);
let failures = 0; // in a row; each may double the next wait

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
  /** @type {any} */
  const session = { signal };
  return new Promise((_, reject) => {
    session.fail = reject;
    signal.addEventListener('abort', () => reject(signal.reason));
    open(session).catch(reject);
  }).finally(() => {
    session.socket?.close();
    whenSaid(null);
    showTransport('none');
  });
}

async function open(session) {
  const [packet] = await poll(session); // 0{"sid":…}
  const { sid, pingInterval, pingTimeout } = JSON.parse(packet.slice(1));
  session.sid = sid;
  // Each ping is due: without one, the server or the path is gone.
  session.alive = idleTimeout(pingInterval + pingTimeout, session.fail);
  showTransport('polling');
  if (upgrades()) probe(session);
  send(session, connectPacket());
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
  socket.onopen = () => {
    page.sent('probe');
    socket.send('2probe');
  };
  socket.onmessage = ({ data }) => {
    if (data !== '3probe') return read(session, data);
    page.message('probe');
    session.probed = true; // ends our poll with 6
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
  page.response(countSamples(packets));
  return packets;
}

// One frame; or a POST, which passes the poll that is held.
function send(session, packet) {
  page.sent('packet');
  if (session.upgraded) return session.socket.send(packet);
  ask(session, { method: 'POST', body: packet })
    .catch((error) => session.fail(error));
}

async function ask(session, options) {
  const response = await fetch(url(session, 'polling'),
    { cache: 'no-store', signal: session.signal, ...options });
  if (response.ok) return response.text();
  throw new Refusal(response.status, response.headers.get('Retry-After'));
}

function url({ sid }, transport) {
  const known = sid ? `&sid=${sid}` : '';
  return `/socket.io/?EIO=4&transport=${transport}${known}`;
}

function read(session, packet) {
  session.alive();
  if (packet[0] === '1') session.fail(new Error('the server closed'));
  if (packet[0] === '2') {
    page.heartbeat();
    send(session, '3');
  }
  if (packet.startsWith('40')) whenSaid((said) => send(session, said));
  if (packet[0] === '4') receive(packet, page);
}
