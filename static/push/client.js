// Web Push: subscribe once. Then a message wakes the service worker; no
// page need be open. An open page asks what it has missed: at once
// after a push, and otherwise now and then.
import { say, whenPressed } from '/notices.js';
import { Page } from '/shared/page.js';
import {
  Refusal, backoff, endPauses, pause, withTimeout,
} from '/shared/time.js';
import { stored } from '/storage.js';

const ASK_INTERVAL = 5000; // ms
const SUBSCRIBE_TIMEOUT = 8000; // ms: offline, Chromium goes on trying

const page = new Page(start);

let cursor = stored.get('cursor') ?? ''; // outlives the page
let newest = null; // the sample that is shown
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
      say.alone();
      await pause(wait, stopped);
    }
  }
}

// One request: what was published since the last one, however long ago.
async function connect(signal) {
  const url = '/missed' + (cursor && `?after=${cursor}`);
  page.request(url);
  const response = await withTimeout(
    10_000, fetch(url, { cache: 'no-store', signal }));
  const { status, ok, headers } = response;
  if (status === 400) return page.stop(await response.text());
  if (!ok) throw new Refusal(status, headers.get('Retry-After'));
  const before = cursor;
  const gap = headers.get('Feed-Gap');
  if (gap) skip(JSON.parse(gap));
  const samples = status === 204 ? []
    : await withTimeout(10_000, response.json());
  samples.forEach(receive);
  failures = 0; // an empty response is a response
  page.response(samples.length);
  say.answered(samples, before);
  page.waiting(ASK_INTERVAL);
  await pause(ASK_INTERVAL, signal); // a push ends it
}

function receive(sample) {
  newest = sample;
  remember(sample.id);
  page.sample(sample);
}

// Samples that are gone for good: go on after them.
function skip(gap) {
  remember(gap.id);
  page.gap(gap);
}

function remember(id) {
  cursor = id;
  stored.set('cursor', id);
}

// The worker runs when this page does not. It tells each open page what
// it is woken for.
async function register() {
  const workers = navigator.serviceWorker;
  workers.addEventListener('message', ({ data }) => {
    if ('clicked' in data) say.opened(data.clicked);
    else page.message(data.tabs ? 'pushed' : 'pushed, no tab');
    endPauses();
  });
  const registration = await workers.register('/worker.js');
  await workers.ready;
  registration.active.postMessage({ keep: files() });
  return registration;
}

// What this page is made of, for when the server is gone.
function files() {
  const loaded = performance.getEntriesByType('resource');
  const names = loaded.map(({ name }) => new URL(name).pathname);
  const kind = /\.(js|css|svg|rs)$/;
  const kept = names.filter((name) => kind.test(name));
  return [...new Set(['/', ...kept])];
}

// Gets an endpoint at the browser's push service, for our server's key.
async function subscribe(registration) {
  const { key, service } = await (await fetch('/key')).json();
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const manager = registration.pushManager;
  const again = async (error) => {
    // There is one, for another key that this server had before.
    if (error.name !== 'InvalidStateError') throw error;
    await (await manager.getSubscription()).unsubscribe();
    return manager.subscribe(options);
  };
  const subscription = await withTimeout(
    SUBSCRIBE_TIMEOUT, manager.subscribe(options).catch(again));
  const response = await fetch('/subscription', { method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(subscription) });
  if (!response.ok) throw new Error(await response.text());
  say.subscribed(subscription.endpoint, service);
}

// The presenter's part: the server sends what is shown to all that are
// subscribed.
async function push() {
  page.sent('push');
  const response =
    await fetch(`/push/${newest.id}`, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
  say.sent(await response.json());
}

whenPressed({ register, subscribe, push, shown: () => newest });
