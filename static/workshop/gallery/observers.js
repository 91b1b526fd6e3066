// The observers of the gallery's cards: see lib/observers.js. The applications report what their
// connections do.
import { duration } from '/shared/format.js';
import { begins, is } from '/workshop/lib/observing.js';

const RETURN_TIMEOUT = 30_000; // ms in which a page is expected back

// What an application reports after its connection was cut. A reset ends it for other reasons, too.
async function afterCut(seen, say, name, type) {
  const of = (wanted) => is(wanted, ({ application }) => application === name);
  const lost = await seen.next(of('lost'));
  const cut = await seen.next(is('closed', ({ how }) => how === 'cut'),
    { after: lost.time - 3000, within: 3000 });
  if (!cut) return undefined;
  say('The connection was cut.');
  const event = await seen.next(of(type), { after: lost.time, within: RETURN_TIMEOUT });
  return event && { ...event, away: duration(event.time - lost.time) };
}

// After a cut, an application is back and has missed nothing.
export const resumed = (name) => async (seen, say) => {
  const back = await afterCut(seen, say, name, 'resumed');
  return back && `Back after ${back.away}: ${back.missed} missed, ${back.doubled} twice.`;
};

// After a cut, an application has a connection again.
export const back = (name) => async (seen, say) => {
  const open = await afterCut(seen, say, name, 'open');
  return open && `The connection was cut, and is back after ${open.away}.`;
};

// After a cut, the wall is sent again, whole.
export async function wallIsWhole(seen, say) {
  const wall = await afterCut(seen, say, 'news', 'wall');
  if (wall?.headlines === 0) return { why: 'The wall was empty: post a headline, and cut again.' };
  const all = wall?.headlines === 1 ? 'its headline' : `all ${wall?.headlines} headlines`;
  return wall && `The connection was cut, and is back after ${wall.away}, with ${all}.`;
}

// The poll that a cut ended is sent again, by the page or by the browser itself: Chromium repeats a
// GET on a connection that was used before, and tells the page nothing.
export async function pollsAgain(seen, say) {
  const isPoll = ({ target }) => target?.startsWith('/mail/');
  const cut = await seen.next(is('closed', (event) => event.how === 'cut' && isPoll(event)));
  say('The connection was cut.');
  const next = await seen.next(
    is('connection', (event) => isPoll(event) && event.opened >= cut.closed - 50),
    { after: cut.time - 500, within: RETURN_TIMEOUT });
  if (!next) return undefined;
  const isTold = is('lost', ({ application }) => application === 'mail');
  const told = await seen.next(isTold, { after: cut.time - 3000, within: 1 });
  return `Polls again after ${duration(Math.max(0, next.opened - cut.closed))}: `
    + `${told ? 'the page did' : 'the browser by itself, and the page was told nothing'}.`;
}

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
  const behind = await seen.next(is('behind', ({ application, missed }) => application === 'log' && missed > 0));
  return `The page was told that it missed ${behind.missed} lines.`;
}
