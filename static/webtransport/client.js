// WebTransport: open a session, then take what comes.
import { Arrivals } from '/arrivals.js';
import { Messages } from '/messages.js';
import { Pace, lineSplitter } from '/pace.js';
import { certificate, lane, obstacle, refusedUdp, sessionUrl }
  from '/session.js';
import { Page } from '/shared/page.js';
import { backoff, pause, withTimeout } from '/shared/time.js';

const page = new Page(start);
const arrivals = new Arrivals(lane);
const pace = new Pace(lane);
const messages = new Messages(lane, () => page.sent('message'));

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

// One session. QUIC itself asks whether the server is there: when that
// was silent for 10 s, the promise `closed` is rejected.
async function connect(signal) {
  if (obstacle) return page.stop(obstacle);
  const { port, hash } = await withTimeout(10_000, certificate(signal));
  const url = sessionUrl(port) + (cursor && `?after=${cursor}`);
  page.request(url);
  const session = new WebTransport(url, { serverCertificateHashes: [
    { algorithm: 'sha-256', value: Uint8Array.from(hash) }] });
  // By default, one datagram may wait to be read (two names of it).
  Object.assign(session.datagrams, {
    incomingHighWaterMark: 1000, incomingMaxBufferedDatagrams: 1000 });
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    const noSession = () => reject(new Error(refusedUdp(port)));
    withTimeout(10_000, session.ready).then(() => {
      opened(session);
      session.closed.then(() => reject(new Error('closed')), reject);
      each(session.datagrams.readable, datagram).catch(reject);
      each(session.incomingUnidirectionalStreams, (stream) =>
        lines(stream).catch(reject)).catch(reject);
    }).catch(noSession);
  }).finally(() => session.close());
}

function opened(session) {
  failures = 0; // it works, even while there is nothing new
  page.opened();
  messages.open(session, (stream) => lines(stream).catch(() => {}));
}

function datagram(bytes) {
  read(new TextDecoder().decode(bytes));
}

// A stream is a sequence of bytes: a chunk may end within a line.
function lines(stream) {
  const text = stream.pipeThrough(new TextDecoderStream());
  return each(text, read, lineSplitter());
}

// One after the other. What a slow reader does not take must wait.
async function each(readable, act, split) {
  const reader = pace.queue(readable, split).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    act(value);
    await pace.pause();
  }
}

function read(line) {
  const message = JSON.parse(line);
  if (message.id) return receive(message);
  if (message.gap) return skip(message.gap);
  if (message.refused) return page.stop(message.refused);
  if (message.bye) throw new Error('the server shuts down');
  messages.acknowledged(message.received);
  page.message('receipt');
}

// On streams of their own, samples overtake each other, and after a
// reconnection one may come again.
function receive(sample) {
  const isNew = arrivals.add(sample.id);
  cursor = arrivals.cursor;
  if (isNew) page.sample(sample);
}

// Samples that are gone for good: go on after them.
function skip(gap) {
  arrivals.skip(gap.id);
  cursor = arrivals.cursor;
  page.gap(gap);
}
