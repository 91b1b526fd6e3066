// The results of the quiz as they come down, by server-sent events: one way is all it takes,
// and the browser connects again by itself and says which event it had last.
import { idleTimeout, now } from '/shared/time.js';
import { stayConnected } from '/workshop/lib/stay-connected.js';

export const ROOM = '/quiz/live'; // where attendees answer

const SILENCE_TIMEOUT = 25_000; // ms; the server sends something every 10 s

// Calls `show(results)` with the newest ones, and `lost(true)` or `lost(false)`. Returns a function
// to call when another connection has come back, which was lost at this time: ours was lost with it,
// unless something was heard on it since. (It may take a while until it is noticed.)
export function follow(show, lost) {
  let heard = 0; // when, last
  const replace = stayConnected((signal, resetBackoff) =>
    connect(signal, resetBackoff, show, lost, () => (heard = now())));
  return (since) => heard < since && replace();
}

let bank; // all questions, asked for once

// The questions, with those that are not asked.
export function questions() {
  bank ??= fetch('/quiz/questions', { cache: 'no-store' }).then((response) => response.json());
  bank.catch(() => (bank = undefined)); // the next who wants them tries again
  return bank;
}

// One EventSource. Any response but 200 ends it; so do we, after too long a silence.
async function connect(signal, resetBackoff, show, lost, hear) {
  const source = new EventSource('/quiz/results');
  await new Promise((resolve) => {
    signal.onabort = resolve;
    const reset = idleTimeout(SILENCE_TIMEOUT, resolve);
    const resetTimeout = () => {
      hear();
      reset();
    };
    source.onopen = () => {
      resetTimeout();
      lost(false);
    };
    source.onmessage = ({ data }) => {
      resetBackoff();
      resetTimeout();
      show(JSON.parse(data));
    };
    source.addEventListener('alive', resetTimeout);
    source.onerror = () => {
      if (source.readyState === EventSource.CONNECTING) lost(true);
      else resolve();
    };
  });
  source.close();
  lost(true);
}
