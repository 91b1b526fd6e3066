// The observers of the cards of demos that run alone: see observers.js.
import { duration } from '/shared/format.js';
import { is } from '/workshop/lib/observing.js';

const SAMPLES = 10; // after the server is gone, so many show that it is not needed
const ENOUGH = 100; // samples of the reliable channel, for a share

// Samples come although the server through which the pages met is gone.
export async function withoutServer(seen, say) {
  const gone = await seen.next(is('message', ({ word }) => word === 'server gone'));
  say('The server is gone.');
  let { time } = gone;
  for (let count = 1; count <= SAMPLES; count++) {
    const next = await seen.next(is('sample'), { after: time, within: 20_000 });
    if (!next) return undefined;
    ({ time } = next);
    say(`The server is gone; ${count} samples since.`);
  }
  return `${SAMPLES} samples came within ${duration(time - gone.time)} of the end of the server.`;
}

// Of the same samples, one channel delivered all and the other did not.
export async function lossy(seen, say) {
  const lost = is('lanes', ({ lanes }) => lanes.reliable?.delivered >= ENOUGH && lanes.lossy?.missed > 0);
  say('Waiting for a loss.');
  const { lanes: { reliable, lossy } } = await seen.next(lost);
  if (reliable.missed) return { why: `The reliable channel missed ${reliable.missed}: the connection was another.` };
  return `Reliable: ${reliable.delivered} delivered, 0 missed, ${reliable.late} late. `
    + `Without retransmission: ${lossy.delivered} delivered, ${lossy.missed} missed, ${lossy.late} late.`;
}
