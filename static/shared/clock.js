// How far the server's clock is from this device's, estimated as NTP does: ask for the time
// a few times and trust the fastest response, for it has the least room for error.
import { now } from '/shared/time.js';

const PROBES = 5;

export class Clock {
  // `offset` is added to this device's clock to get the server's; the truth lies within
  // ± `error`. It is improved in place, so early samples that keep it are corrected, too.
  estimate = { offset: 0, error: Infinity };

  // A new estimate, for the start and after anything that may have moved a clock (sleep).
  async measure(signal) {
    const estimate = this.estimate.error === Infinity ? this.estimate
      : { offset: 0, error: Infinity };
    for (let probe = 0; probe < PROBES; probe++) {
      const sent = now();
      const response = await fetch('/clock', { cache: 'no-store', signal });
      const error = (now() - sent) / 2 + 1; // both stamps are cut to whole milliseconds
      const server = (await response.json()).now;
      if (!Number.isFinite(server)) throw new Error(`/clock: expected Unix milliseconds in "now", got ${server}`);
      if (error < estimate.error) {
        Object.assign(estimate, { offset: server + 0.5 - (sent + error - 1), error });
        this.estimate = estimate;
      }
    }
  }

  // A server's time stamp on this device's clock.
  local(at) {
    return at + 0.5 - this.estimate.offset;
  }
}
