// Time without policy: the clock of this device, waiting, and how long to back off.
// Which technique waits when, and for how long, stands in its client.js.

// Unix milliseconds with a fraction. Unlike Date.now(), it is never set back.
export const now = () => performance.timeOrigin + performance.now();

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
    const timer = setTimeout(over, ms);
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
// asked for; the jitter comes on top.
export function backoff(failures, atLeast = 0) {
  return 1000 * atLeast + Math.random() * Math.min(8000, 500 * 2 ** failures);
}

// An answer that is none. A server that is overloaded or going away may say when to return.
export class Refusal extends Error {
  constructor(status, retryAfter) {
    super(`answer ${status}`);
    this.retryAfter = Number(retryAfter);
  }
}

// A duration as people say it; each form has a stable width.
export const seconds = (ms) => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
