// Socket.IO as it is often shown: the server emits, the page shows what comes, and delivery is
// left to the library. Here is what that loses while a client is cut off for half a second, and,
// with `cursor` as argument, what brings it back. Run it: node socket-io-as-often-shown.mjs
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';

const withCursor = process.argv[2] === 'cursor';
const server = createServer();
const io = new Server(server);
const log = []; // with a cursor: what was emitted, for those that come back
let newest = 0;

io.on('connection', (socket) => {
  if (withCursor) for (const number of log.slice(socket.handshake.auth.after)) socket.emit('price', number);
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const emitting = setInterval(() => {
  log.push(++newest);
  io.emit('price', newest); // to those that are connected now, and to no other
}, 50);

const seen = [];
const client = connect(`http://127.0.0.1:${server.address().port}`, {
  auth: (send) => send({ after: seen.at(-1) ?? 0 }), // the cursor; without `cursor` nobody reads it
  reconnectionDelay: 500,
  reconnectionDelayMax: 500,
});
client.on('price', (number) => seen.push(number));

const WAIT_TIMEOUT = 10_000; // ms for what is waited for
async function until(condition) {
  for (const end = Date.now() + WAIT_TIMEOUT; !condition(); await sleep(20)) {
    if (Date.now() > end) throw new Error(`not within ${WAIT_TIMEOUT} ms: ${condition}`);
  }
}
await until(() => seen.length > 5);
client.io.engine.close(); // as a network does
await until(() => !client.connected);
const before = seen.length;
await until(() => client.connected && seen.length > before + 5);
clearInterval(emitting);
client.close();
io.close();
const missed = seen.at(-1) - seen[0] + 1 - seen.length;
console.log(JSON.stringify({ missed }));
