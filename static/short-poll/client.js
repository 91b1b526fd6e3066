// Short polling: send a request, get a response at once, wait, repeat.
import { Page } from '/shared/page.js';
import { Refusal, backoff, pause, withTimeout } from '/shared/time.js';

const page = new Page(start);
const interval = document.querySelector('#interval');

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

// One request. The next follows its response, so they never overlap.
async function connect(signal) {
  const url = '/short-polling' + (cursor && `?after=${cursor}`);
  page.request(url);
  const response = await withTimeout(
    10_000, fetch(url, { cache: 'no-store', signal }));
  const { status, ok, headers } = response;
  if (status === 400) return page.stop(await response.text());
  if (!ok) throw new Refusal(status, headers.get('Retry-After'));
  const gap = headers.get('Feed-Gap');
  if (gap) skip(JSON.parse(gap));
  const samples = status === 204 ? []
    : await withTimeout(10_000, response.json());
  samples.forEach(receive);
  failures = 0; // an empty response is a response
  page.response(samples.length);
  const wait = interval.valueAsNumber * 1000;
  page.waiting(wait);
  await pause(wait, signal);
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
