// A WebSocket to the board, of which a page has one at a time.
import { idleTimeout } from '/shared/time.js';

const SILENCE_TIMEOUT = 40_000; // ms; a heartbeat comes every 15 s
let current; // the newest: what older ones tell is not heard

// `read(message, bytes)` is called for what comes, `ended(reason)` once: when the connection
// is closed, or silent.
export function openSocket(url, read, ended) {
  const socket = new WebSocket(url);
  current = socket;
  const end = (reason) => {
    if (current !== socket) return;
    current = undefined;
    socket.close();
    ended(reason);
  };
  const resetTimeout = idleTimeout(SILENCE_TIMEOUT, ({ message }) => end(message));
  socket.onmessage = ({ data }) => {
    resetTimeout();
    if (current === socket) read(JSON.parse(data), data.length);
  };
  socket.onclose = ({ reason }) => end(reason || undefined);
  return socket;
}
