// Server-sent events: the browser asks, reads and reconnects.
import { Page } from '/shared/page.js';
import { backoff, idleTimeout, pause } from '/shared/time.js';
import { showWeather } from '/weather.js';

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

// One EventSource. When the connection fails, the browser reconnects,
// with the id it saw last; any response but 200 ends it, and start()
// goes on. The browser hides heartbeats (comments), but the weather
// comes every 3 s: after 40 s without an event, the connection is dead.
function connect(signal) {
  const url = '/api/v1/live-data' + (cursor && `?after=${cursor}`);
  page.request(url);
  const source = new EventSource(url);
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    const resetTimeout = idleTimeout(40_000, reject);
    const on = (name, act) => source.addEventListener(name, (event) => {
      resetTimeout();
      act(event);
    });
    on('open', opened);
    on('message', ({ data }) => receive(JSON.parse(data)));
    on('gap', ({ data }) => skip(JSON.parse(data)));
    on('weather', ({ data }) => weather(data));
    on('bye', () => page.failed(new Error('the server shuts down')));
    on('error', () => {
      if (source.readyState === EventSource.CONNECTING) page.failed();
      else reject(new Error('the browser gave up'));
    });
  }).finally(() => source.close());
}

function opened() {
  failures = 0; // it works, even while there is nothing new
  page.opened();
}

// Several "data:" lines arrive as one text with newlines.
function weather(data) {
  page.message('weather');
  data.split('\n').forEach(showWeather);
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
