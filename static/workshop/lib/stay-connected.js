// Connects, and connects again whenever a connection has ended, for as long as the page is
// shown.
import { lifecycle } from '/shared/lifecycle.js';
import { backoff, pause } from '/shared/time.js';

// `connect(signal, resetBackoff)` is one connection: a promise that is settled when it has ended, at
// the latest when the signal aborts. It calls `resetBackoff()` when a message arrives: then the
// next wait is a short one again. Returns a function that ends the present connection.
/** @param {(signal: AbortSignal, resetBackoff: () => void) => Promise<void>} connect */
export function stayConnected(connect) {
  let shown; // the AbortController of the time until the page is left
  let attempt; // of one connection and the wait after it
  const start = async () => {
    shown = new AbortController();
    const left = shown.signal;
    for (let failures = 0; !left.aborted; failures++) {
      attempt = new AbortController();
      const signal = AbortSignal.any([left, attempt.signal]);
      try {
        await connect(signal, () => (failures = 0));
      } catch (error) {
        reportError(error);
      }
      await pause(backoff(failures), signal);
    }
  };
  lifecycle({
    leave: () => shown.abort(),
    comeBack: () => void start(),
    reconnect: (why) => attempt.abort(new Error(why)),
  });
  void start();
  return () => attempt.abort(new Error('replaced'));
}
