// The WebSocket through which two pages meet. It may be lost: the pages stay connected.
import { backoff, pause } from '/shared/time.js';

const REFUSED = 1008; // close code: this page has no place, and the reason says why

// Connects and connects again, until `stopped`. `use(say)` gets what sends a message; `hear` gets
// each message of the server, when it has done what the one before asked for.
export async function signalling(stopped, room, { attempt, lost, hear, use }) {
  for (let failures = 0; !stopped.aborted;) {
    const url = `/signal${room.query}`;
    attempt(url);
    const socket = new WebSocket(url);
    let heard = Promise.resolve();
    const closed = new Promise((resolve) => (socket.onclose = resolve));
    const abort = () => socket.close(1000);
    stopped.addEventListener('abort', abort);
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.welcome) {
        failures = 0;
        room.enter(message.welcome.room);
      }
      if (message.error) reportError(new Error(message.error));
      heard = heard.then(() => hear(message)).catch(reportError);
    };
    use((message) => {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    });
    const { code, reason } = await closed;
    stopped.removeEventListener('abort', abort);
    if (stopped.aborted) return;
    const error = new Error(reason || `closed ${code}`);
    const wait = backoff(failures++);
    room.leave(error.message, code === REFUSED);
    lost(error, wait);
    await pause(wait, stopped);
  }
}
