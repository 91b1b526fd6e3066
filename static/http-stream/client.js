// HTTP streaming: send one request, and read a response that goes on.
import { Page } from '/shared/page.js';
import { Refusal, backoff, pause, withTimeout } from '/shared/time.js';

const page = new Page(start);

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

// One response. A heartbeat comes every 15 s: after 40 s of silence,
// the connection is dead.
async function connect(signal) {
  const url = '/stream' + (cursor && `?after=${cursor}`);
  page.request(url);
  const response = await withTimeout(
    40_000, fetch(url, { cache: 'no-store', signal }));
  const { status, ok, headers } = response;
  if (status === 400) return page.stop(await response.text());
  if (!ok) throw new Refusal(status, headers.get('Retry-After'));
  failures = 0; // it works, even while there is nothing new
  page.opened();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = null; // the start of a line, which a later chunk completes
  for (;;) {
    const { done, value } = await withTimeout(40_000, reader.read());
    if (done) break;
    const text = decoder.decode(value, { stream: true });
    const lines = ((rest ?? '') + text).split('\n');
    rest = lines.pop();
    lines.forEach(read);
  }
  if (rest !== '') throw new Error('ended within a line');
  page.ended('finished');
}

function read(line) {
  if (line === '') return page.heartbeat();
  const message = JSON.parse(line);
  if (message.bye) throw new Error('the server shuts down');
  if (message.gap) return skip(message.gap);
  receive(message);
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
