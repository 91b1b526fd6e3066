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

// A session that polled goes on in a WebSocket.
export async function climbs(seen, say) {
  const poll = is('request', ({ url }) => url.includes('transport=polling') && !url.includes('sid='));
  const first = await seen.next(poll);
  say('A session has begun with polling.');
  const climbed = is('request', ({ url }) => url === 'WebSocket');
  const upgrade = await seen.next(climbed, { after: first.time, within: 10_000 });
  if (!upgrade) return undefined;
  const polls = seen.all('response', first.time, upgrade.time).length;
  return `${polls} polls, and after ${duration(upgrade.time - first.time)} all goes through a WebSocket.`;
}

// Two connections were aborted: after one nothing was missed, after the other something was.
export async function recovers(seen, say) {
  const aborted = is('failed', ({ reason }) => reason === 'aborted by this page');
  let kept = 0;
  for (;;) {
    const end = await seen.next(aborted);
    const back = await seen.next(is('sample'), { after: end.time, within: 20_000 });
    if (!back) return undefined;
    const lost = back.missed - end.missed;
    if (!lost) say(`Back ${++kept === 1 ? 'once' : `${kept} times`} with nothing missed.`);
    else if (kept) return `With the cursor, 0 missed; without, ${lost} missed.`;
    else say(`${lost} missed: with Recover missed, nothing is.`);
  }
}

// Another device fell off, and the broker said so.
export async function fellOff(seen, say) {
  say('Waiting for the will of another device.');
  const will = await seen.next(is('message', ({ word }) => word === 'fell off'));
  const samples = seen.all('sample', will.time - 5000, will.time).length;
  return `A device fell off, and its will came in the same connection as the samples (${samples} in 5 s before).`;
}

// Stopped and started, the page has the newest sample and has missed those between.
export async function withoutCursor(seen, say) {
  const stopped = await seen.next(is('stopped'));
  say('Stopped.');
  const opened = await seen.next(is('opened'), { after: stopped.time });
  const sample = await seen.next(is('sample'), { after: opened.time, within: 20_000 });
  if (!sample) return undefined;
  const missed = sample.missed - stopped.missed;
  if (!missed) return { why: 'Nothing was published meanwhile: wait longer.' };
  return `The first sample came after ${duration(sample.time - opened.time)}; ${missed} before it are missed.`;
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

// A sample was pushed, and the service worker ran although no tab of its page was open.
export async function pushed(seen, say) {
  for (;;) {
    const { time } = await seen.next(is('sent', ({ word }) => word === 'push'));
    say('The server has sent it.');
    const woken = await seen.next(is('message', ({ word }) => word.startsWith('pushed')),
      { after: time, within: 20_000 });
    if (woken?.word === 'pushed, no tab') {
      return `The service worker ran ${duration(woken.time - time)} after the button, and no tab of the page was open.`;
    }
    say(woken ? 'It came while a tab of the page was open: close that one, and push again.'
      : 'The service worker was not woken. Is this browser subscribed?');
  }
}

// The page begins, and the first that it asks of its server fails: so that has not sent it.
export async function alone(seen) {
  const { time } = await seen.next(is('started'));
  const first = await seen.next(({ type }) => type === 'response' || type === 'failed', { after: time });
  if (first.type === 'response') return undefined;
  return 'The page came from the service worker: its server does not answer.';
}
