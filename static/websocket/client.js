// WebSocket: connect once, then both sides send when they like.
import { Chat, meaning } from '/chat.js';
import { Page } from '/shared/page.js';
import { backoff, idleTimeout, pause } from '/shared/time.js';

const page = new Page(start);
const chat = new Chat(say);
let socket;

let cursor = ''; // id of the last sample: all a client remembers
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

// One WebSocket. The browser answers pings and hides them, but a
// message comes with each, every 15 s: after 40 s of silence the
// connection is dead, and the server would not answer a close().
function connect(signal) {
  const url = '/chat' + (cursor && `?after=${cursor}`);
  page.request(url);
  chat.connecting();
  socket = new WebSocket(url, ['chat']);
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    const resetTimeout = idleTimeout(40_000, reject);
    const on = (name, act) => socket.addEventListener(name, (event) => {
      resetTimeout();
      act(event);
    });
    on('open', opened);
    on('message', ({ data }) => read(JSON.parse(data)));
    on('close', ({ code, reason }) =>
      reject(new Error(`closed ${code}: ${reason || meaning(code)}`)));
  }).finally(() => socket.close(1000));
}

function opened() {
  failures = 0; // it works, even while there is nothing new
  page.opened();
}

function read(message) {
  if (message.id) return receive(message);
  if (message.gap) return skip(message.gap);
  if (message.heartbeat) return page.heartbeat();
  page.message(chat.hear(message)); // 'chat', or 'echo' of our own
}

// Once a WebSocket is closing, its send() drops a message silently.
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

// Samples that are gone for good: go on after them.
function skip(gap) {
  cursor = gap.id;
  page.gap(gap);
}
