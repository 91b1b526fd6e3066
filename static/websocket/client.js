// WebSocket: connect once, then both sides speak when they like.
import { Chat, meaning } from '/chat.js';
import { Page } from '/shared/page.js';
import { backoff, pause, silence } from '/shared/time.js';

const page = new Page(start);
const chat = new Chat(say);
let socket;

let cursor = ''; // id of the last sample: all a client remembers
let failures = 0; // in a row; each may double the next wait

// Connect; when that fails, back off and connect again; until stopped.
async function start(stopped) {
  while (!stopped.aborted) {
    try {
      await connect(page.cuttable(stopped));
    } catch (error) {
      if (stopped.aborted) return;
      const wait = backoff(failures++);
      page.cut(error, wait);
      await pause(wait, stopped);
    }
  }
}

// One socket. The browser answers the server's pings unseen, so every
// 15 s a message says the same to us: 40 s of silence mean that the
// server, or the way to it, is dead, and will not answer a close().
function connect(signal) {
  const path = '/chat' + (cursor && `?after=${cursor}`);
  const url = new URL(path, location.href.replace('http', 'ws'));
  page.request(url);
  chat.connecting();
  socket = new WebSocket(url, ['chat']);
  return new Promise((_, reject) => {
    signal.onabort = () => reject(signal.reason);
    const alive = silence(40_000, reject);
    socket.onopen = opened;
    socket.onmessage = ({ data }) => {
      alive();
      read(JSON.parse(data));
    };
    socket.onclose = ({ code, reason }) =>
      reject(new Error(`closed ${code}: ${reason || meaning(code)}`));
  }).finally(() => socket.close(1000));
}

function opened() {
  failures = 0; // it works, even while there is nothing new
  page.opened();
}

function read(message) {
  if (message.id) return receive(message);
  if (message.gap) return skip(message.gap);
  if (chat.hear(message)) return page.message('chat');
  page.heartbeat(); // it has nothing else to say
}

// Once it is closing, send() drops what it is given without a word.
function say(message) {
  if (socket.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  page.sent('chat');
  return true;
}

function receive(sample) {
  cursor = sample.id;
  page.sample(sample);
}

// So many samples are gone for good; go on after them.
function skip(gap) {
  cursor = gap.id;
  page.gap(gap);
}
