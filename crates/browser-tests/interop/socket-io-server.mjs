// A server of Socket.IO behind the files of our page: samples each 100 ms. Its port is the first
// line; `cut` on its input closes all connections, `recovery` as argument keeps what is missed.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Server } from 'socket.io';

const [pages, option] = process.argv.slice(2);
const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

const server = createServer(async ({ url }, response) => {
  const { pathname } = new URL(url, 'http://localhost');
  if (pathname === '/clock') return response.end(JSON.stringify({ now: Date.now() }));
  const path = pathname === '/' ? 'fallback/index.html'
    : pathname.startsWith('/shared/') ? pathname : join('fallback', pathname);
  try {
    const type = TYPES[path.split('.').at(-1)] ?? 'text/plain';
    const file = await readFile(join(pages, path));
    response.writeHead(200, { 'Content-Type': type }).end(file);
  } catch {
    response.writeHead(404).end();
  }
});
const recovery = option === 'recovery' ? { connectionStateRecovery: {} } : {};
const io = new Server(server, recovery);
io.on('connection', (socket) => socket.on('say', (text, ack) => ack(text)));
let seq = 0;
setInterval(() => {
  const at = Date.now();
  io.emit('sample', { id: `real-${++seq}`, seq, at, data: 'x'.repeat(13) });
}, 100);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
createInterface({ input: process.stdin }).on('line', () => {
  for (const socket of io.sockets.sockets.values()) socket.conn.close();
});
