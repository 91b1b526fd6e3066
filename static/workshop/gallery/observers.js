// The observers of the gallery's cards: see lib/observers.js. The applications report what their
// connections do.
import { duration } from '/shared/format.js';
import { begins, is, whileOn } from '/workshop/lib/observing.js';

const RETURN_TIMEOUT = 30_000; // ms in which a page is expected back

// After a cut, an application is back and has missed nothing.
export const resumed = (name) => whileOn('cut', async (seen, say, on) => {
  const of = (type) => is(type, ({ application }) => application === name);
  const lost = await seen.next(of('lost'), { after: on.time - 500, within: RETURN_TIMEOUT });
  if (!lost) return undefined;
  say('The connection is lost.');
  const back = await seen.next(of('resumed'), { after: lost.time, within: RETURN_TIMEOUT });
  if (!back) return undefined;
  return `Back after ${duration(back.time - lost.time)}: ${back.missed} missed, ${back.doubled} twice.`;
});

// After a cut, an application has a connection again.
export const back = (name) => whileOn('cut', async (seen, say, on) => {
  const of = (type) => is(type, ({ application }) => application === name);
  const lost = await seen.next(of('lost'), { after: on.time - 500, within: RETURN_TIMEOUT });
  if (!lost) return undefined;
  say('The connection is lost.');
  const open = await seen.next(of('open'), { after: lost.time, within: RETURN_TIMEOUT });
  return open && `The connection was lost, and is back after ${duration(open.time - lost.time)}.`;
});

// Most answers of the weather have no content, or no request at all.
export async function saved(seen, say) {
  const counts = { cached: 0, validated: 0 };
  const cheap = (event) => event.application === 'weather' && event.type in counts;
  let time;
  while (counts.cached + counts.validated < 5) {
    const event = await seen.next(cheap, { after: time });
    time = event.time;
    counts[event.type]++;
    say(`${counts.cached} from the cache, ${counts.validated} answered by a 304.`);
  }
  return `Five answers without content: ${counts.cached} from the cache, ${counts.validated} by a 304.`;
}

// Nothing comes any more, and nobody says so but the page itself.
export async function stale(seen, say) {
  const on = await seen.next(begins('stall'));
  say('No byte passes.');
  const stale = await seen.next(is('stale', ({ application }) => application === 'monitor'),
    { after: on.time, within: RETURN_TIMEOUT });
  return stale && `The page said “Stale” ${duration(stale.time - on.time)} after the last byte could pass.`;
}

// A reader is told what it missed.
export async function missed(seen) {
  const gap = await seen.next(is('gap', ({ application, missed }) => application === 'log' && missed > 0));
  return `The page was told that it missed ${gap.missed} lines.`;
}
