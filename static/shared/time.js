// Time without policy: the clock of this device, waiting, and how long to back off.
// Which technique waits when, and for how long, stands in its client.js.

// Unix milliseconds with a fraction. Unlike Date.now(), it is never set back.
export const now = () => performance.timeOrigin + performance.now();

// The milliseconds that a timer can keep, whatever it is given. Browsers hold a delay in 31
// bits (about 25 days), and take more than that, and what is no number, for 0: a loop that
// pauses for so long does not pause at all.
const LONGEST = 2 ** 31 - 1;
const UNKNOWN = 8000; // instead of what is no number
export const delay = (ms) => (ms >= 0 ? Math.min(ms, LONGEST) : ms < 0 ? 0 : UNKNOWN);

const alarm = new EventTarget();

// Ends every pause at once, because waiting has lost its reason.
export const hurry = () => alarm.dispatchEvent(new Event('hurry'));
addEventListener('online', hurry);

// Resolves after `ms`, or as soon as the signal aborts, or when someone hurries
// (the network is back, a slider was moved). It never rejects: look at the signal.
export function pause(ms, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      alarm.removeEventListener('hurry', over);
      resolve();
    };
    const timer = setTimeout(over, delay(ms));
    signal.addEventListener('abort', over);
    alarm.addEventListener('hurry', over);
  });
}

// Rejects when the promise has not settled after `ms`: the other side died without a word.
export function within(ms, promise) {
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${ms / 1000} s of silence`)), ms);
  });
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
}

// The same where news comes by events: rejects, unless the function that it returns is called
// at least every `ms`. A promise that was settled meanwhile takes no notice.
export function silence(ms, reject) {
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => reject(new Error(`${ms / 1000} s of silence`)), ms);
  };
  alive();
  return alive;
}

// Milliseconds to wait after so many failures in a row: a random part ("full jitter") of
// 0.5 s, 1 s, 2 s, 4 s, then always 8 s. Without the jitter, a room of 200 whose server
// restarts would come back in the same instant. `atLeast` (seconds) is what a server
// asked for, up to RETRY_AFTER_LIMIT; the jitter comes on top.
export function backoff(failures, atLeast = 0) {
  const asked = 1000 * Math.min(atLeast, RETRY_AFTER_LIMIT);
  return delay(asked + Math.random() * Math.min(8000, 500 * 2 ** failures));
}

// Seconds. A server or a proxy may say an hour, or a week: a page that shows live data asks
// again before the talk is over. The page says how long it waits.
const RETRY_AFTER_LIMIT = 300;

// The seconds that a server asks to wait: their number, or the date when they are over (RFC
// 9110 §10.2.3). Of that date's three forms (§5.6.7), asctime's is in GMT and does not say so.
// What is neither, and a date that is past, ask for nothing.
export function retryAfter(field, today = Date.now()) {
  const text = field?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  if (!/\d\d:\d\d:\d\d/.test(text)) return 0;
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Math.max(0, (date - today) / 1000) || 0;
}

// An answer that is none. A server that is overloaded or going away may say when to return.
export class Refusal extends Error {
  constructor(status, field) {
    super(`answer ${status}`);
    this.retryAfter = retryAfter(field);
  }
}
