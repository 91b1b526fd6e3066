// A peer to compare with: the techniques on Express and ws, as a tutorial would have
// them, but corrected. The same paths, samples and rhythm as the workshop's; a sample is
// serialised once, and written to everyone in a loop. (The usual example has a timer and
// a random number for each client, and never forgets one that left.)

import { createServer } from 'node:http';
import express from 'express';
import { WebSocketServer } from 'ws';

const KEEP = 1000;
const every = parseInt(process.argv[3], 10); // --every 100ms

const log = [];
let seq = 0;
const streams = new Set();
const eventStreams = new Set();
const waiting = new Set();

const line = sample => `${sample.json}\n`;
const event = sample => `id: ${sample.id}\ndata: ${sample.json}\n\n`;

function publish() {
  seq += 1;
  const id = `node-${seq}`;
  const letter = () => Math.floor(Math.random() * 36).toString(36);
  const data = Array.from({ length: 13 }, letter).join('');
  const sample = { id, seq, json: JSON.stringify({ id, seq, at: Date.now(), data }) };
  log.push(sample);
  if (log.length > KEEP) log.shift();
  const asLine = line(sample);
  for (const response of streams) response.write(asLine);
  const asEvent = event(sample);
  for (const response of eventStreams) response.write(asEvent);
  for (const socket of sockets.clients) socket.send(sample.json);
  const waited = [...waiting];
  waiting.clear();
  for (const answer of waited) answer();
}

function since(after) {
  const last = after === undefined ? seq - 1 : Number(after.split('-')[1]);
  return seq > last ? log.slice(-(seq - last)) : [];
}

function array(response, samples) {
  if (samples.length === 0) return response.status(204).end();
  response.type('json').send(`[${samples.map(sample => sample.json).join(',')}]`);
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use((request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
});

app.get('/short-polling', (request, response) => {
  array(response, since(request.query.after));
});

app.get('/long-polling', (request, response) => {
  const samples = since(request.query.after);
  if (samples.length > 0) return array(response, samples);
  const answer = () => array(response, since(request.query.after));
  const timeout = setTimeout(() => {
    if (waiting.delete(answer)) array(response, []);
  }, 30000);
  waiting.add(answer);
  response.on('close', () => {
    clearTimeout(timeout);
    waiting.delete(answer);
  });
});

app.get('/stream', (request, response) => {
  response.type('text/plain');
  response.write(line(log.at(-1)));
  streams.add(response);
  response.on('close', () => streams.delete(response));
});

app.get('/api/v1/live-data', (request, response) => {
  response.set('Content-Type', 'text/event-stream');
  response.write(event(log.at(-1)));
  eventStreams.add(response);
  response.on('close', () => eventStreams.delete(response));
});

const server = createServer(app);
const sockets = new WebSocketServer({ server, path: '/chat', perMessageDeflate: false });
sockets.on('connection', socket => {
  socket.on('error', () => socket.terminate());
  socket.send(log.at(-1).json);
});

// Between half and double of `every`, and `every` on average, from deadline to deadline:
// as the workshop's.
let next = performance.now();
function later() {
  const gap = Math.random() < 2 / 3 ? 0.5 + Math.random() / 2 : 1 + Math.random();
  next += every * gap;
  if (performance.now() - next > 1000) next = performance.now();
  setTimeout(() => {
    publish();
    later();
  }, next - performance.now());
}
publish();
later();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  console.log(`http://localhost:${server.address().port}/`);
});
