// Samples of this page's own, in the shape of the feed's: random data, with this page's run.
import { Clock } from '/shared/clock.js';
import { now, pause } from '/shared/time.js';

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
const HIGH_WATER_BYTES = 64 << 10; // more than that waits in a channel: no more is given to it
export const LOW_WATER_BYTES = 16 << 10; // less than that: it takes more

// The server's clock: both pages know how far theirs is from it, also when it is gone.
export const clock = new Clock();

const random = (length) => Array.from(crypto.getRandomValues(new Uint8Array(length)),
  (byte) => LETTERS[byte % LETTERS.length]).join('');

// Sends a sample at each interval, until stopped. A number whose sample could not be sent is
// used again: nobody has missed it.
export async function publish(stopped, interval, send) {
  clock.measure(stopped).catch(() => {});
  const run = random(4);
  for (let seq = 1; !stopped.aborted;) {
    await pause(interval(), stopped);
    const at = Math.round(now() + clock.estimate.offset);
    const sample = { id: `${run}-${seq}`, seq, at, data: random(13) };
    if (await send(sample).catch(reportError)) seq++;
  }
}

// Resolves when a channel takes more. Without it, what can't leave piles up in this page.
export async function drained(channel) {
  if (channel.bufferedAmount < HIGH_WATER_BYTES) return;
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  await new Promise((resolve) => {
    for (const event of ['bufferedamountlow', 'close']) {
      channel.addEventListener(event, resolve, { once: true });
    }
  });
}
