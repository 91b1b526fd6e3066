// Samples of this page's own, in the shape of the feed's: random data, with this page's run.
import { Clock } from '/shared/clock.js';
import { now, pause } from '/shared/time.js';

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
export const HIGH_WATER_BYTES = 64 << 10; // more than that waits in a channel: no more is given to it
export const LOW_WATER_BYTES = 16 << 10; // less than that: it takes more
const LOOK_INTERVAL = 1000; // ms
const RETRY_DELAY = 100; // ms after a sample for which there was no way

// The server's clock: both pages know how far theirs is from it, also when it is gone.
export const clock = new Clock();

const random = (length) => Array.from(crypto.getRandomValues(new Uint8Array(length)),
  (byte) => LETTERS[byte % LETTERS.length]).join('');

// Sends a sample at each interval, until stopped; with an interval of 0, at once. A number whose sample could not be sent is
// used again: nobody has missed it.
export async function publish(stopped, interval, send) {
  clock.measure(stopped).catch(() => {});
  const run = random(4);
  for (let seq = 1; !stopped.aborted;) {
    const ms = interval();
    if (ms) await pause(ms, stopped);
    const at = Math.round(now() + clock.estimate.offset);
    const sample = { id: `${run}-${seq}`, seq, at, data: random(13) };
    if (await send(sample).catch(reportError)) seq++;
    else await pause(RETRY_DELAY, stopped);
  }
}

// Whether more has to wait. Otherwise, what can't leave piles up in this page.
export const isFull = (channel) => channel.bufferedAmount >= HIGH_WATER_BYTES;

// Resolves when a channel takes more.
export async function drained(channel) {
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  // A channel is told nothing when its connection is closed here: so it is looked at again.
  while (channel.readyState === 'open' && channel.bufferedAmount > LOW_WATER_BYTES) {
    const low = new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }));
    await Promise.race([low, pause(LOOK_INTERVAL, new AbortController().signal)]);
  }
}
