// Time without policy: the clock of this device, waiting, and how long to back off.
// Which technique waits when, and for how long, is in its client.js.

// Unix milliseconds with a fraction. Unlike Date.now(), it is never set back.
export const now = () => performance.timeOrigin + performance.now();

const TIMER_LIMIT = 2 ** 31 - 1; // ms: browsers hold a timer's delay in 31 bits (25 days)
const BACKOFF_START = 500; // ms: the limit of the first wait; it doubles with each failure
const BACKOFF_LIMIT = 8000; // ms

// The nearest delay that a timer can keep. Browsers take a longer one, and NaN, for 0, and a
// loop would not pause at all.
export const delay = (ms) => (ms >= 0 ? Math.min(ms, TIMER_LIMIT) : ms < 0 ? 0 : BACKOFF_LIMIT);

const pauses = new EventTarget();

// Ends every pause at once: the network is back, or a slider was moved.
export const endPauses = () => pauses.dispatchEvent(new Event('end'));
addEventListener('online', endPauses);

// Resolves after `ms`, when the signal aborts, or at endPauses(). It never rejects: look at
// the signal.
export function pause(ms, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      pauses.removeEventListener('end', over);
      resolve();
    };
    const timer = setTimeout(over, delay(ms));
    signal.addEventListener('abort', over);
    pauses.addEventListener('end', over);
  });
}

// Rejects when the promise has not settled after `ms`.
export function withTimeout(ms, promise) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${ms / 1000} s of silence`)), ms);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

// The same for events: rejects unless the function that it returns is called at least every
// `ms`. If the promise has settled meanwhile, nothing happens.
export function idleTimeout(ms, reject) {
  let timer;
  const resetTimeout = () => {
    clearTimeout(timer);
    timer = setTimeout(() => reject(new Error(`${ms / 1000} s of silence`)), ms);
  };
  resetTimeout();
  return resetTimeout;
}

// Milliseconds to wait after so many failures in a row: a random part ("full jitter") of
// 0.5 s, 1 s, 2 s, 4 s, then always 8 s. Without the jitter, a room of 200 whose server
// restarts would come back in the same instant. `atLeast` (seconds) is what a server
// asked for, up to RETRY_AFTER_LIMIT; the jitter comes on top.
export function backoff(failures, atLeast = 0) {
  const asked = 1000 * Math.min(atLeast, RETRY_AFTER_LIMIT);
  return delay(asked + Math.random() * Math.min(BACKOFF_LIMIT, BACKOFF_START * 2 ** failures));
}

// Seconds. A server or a proxy may ask for an hour, or a week: a page with live data reconnects
// before the talk is over. The page shows how long it waits.
const RETRY_AFTER_LIMIT = 300;

// The seconds that a server asks to wait: their number, or the date when they are over (RFC
// 9110 §10.2.3). Of that date's three forms (§5.6.7), asctime's is in GMT and does not say so.
// Any other text, and a date in the past, give 0.
export function retryAfter(field, today = Date.now()) {
  const text = field?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  if (!/\d\d:\d\d:\d\d/.test(text)) return 0;
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Math.max(0, (date - today) / 1000) || 0;
}

// A response with another status than 2xx, and perhaps what its text says. An overloaded or
// stopping server may say when to come back.
export class Refusal extends Error {
  constructor(status, field, text = '') {
    super(text || `status ${status}`);
    this.retryAfter = retryAfter(field);
  }
}
