// The observers of the cards about waiting and cost: see observers.js.
import { duration, formatBytes, timeOfDay } from '/shared/format.js';
import { begins, is, median, whileIdle, whileOn } from '/workshop/lib/observing.js';

// The time since which nothing disturbed the page, before `time`.
function calmBefore(seen, time) {
  const troubles = ['off', 'failed', 'refused', 'stopped']
    .flatMap((type) => seen.all(type, time - 60_000, time));
  const last = Math.max(time - 60_000, ...troubles.map((event) => event.time));
  return seen.all('sample', last, time)[0]?.time ?? time;
}

// Waits for so many events of a type; returns whether they came while the effect lasted.
async function some(seen, say, many, [type, name], effect, { time }) {
  for (let count = 0; count < many; count++) {
    say(`${count} of ${many} ${name}.`);
    const event = await seen.next(is(type), { after: time, within: 30_000 });
    if (!event || !seen.active(effect)) return false;
    time = event.time;
  }
  return true;
}

// With a delay: how late samples were before, and are now.
export const late = whileOn('delay', async (seen, say, on) => {
  const calm = calmBefore(seen, on.time);
  const before = seen.all('sample', calm, on.time)
    .filter((event) => seen.published(event) > calm).slice(-5);
  if (!(await some(seen, say, 5, ['sample', 'samples'], 'delay', on))) return undefined;
  const typical = (list) => duration(median(list.map((event) => seen.latency(event))));
  const now = typical(seen.all('sample', on.time).slice(0, 5));
  const figures = before.length
    ? `The median of ${before.length} samples before was ${typical(before)} late; that of the `
      + `5 since is ${now}`
    : `5 samples were ${now} late, by their median`;
  return `${figures}: ${seen.toll(on.time)}.`;
});

// How long so many requests take, and whether they overlap.
export const slow = (effect, many) => whileOn(effect, async (seen, say, on) => {
  const took = (after, before = Infinity) => seen.all('response', after, before)
    .map(({ time }) => time - seen.all('request', 0, time).at(-1)?.time)
    .filter((ms) => ms >= 0);
  const before = took(calmBefore(seen, on.time), on.time);
  if (!(await some(seen, say, many, ['response', 'responses'], effect, on))) return undefined;
  const during = took(on.time);
  const asked = seen.all('request', on.time).length;
  const then = before.length ? `Before, a response took ${duration(median(before))}; now` : 'A response took';
  return `${then} ${duration(median(during))}, the median of ${during.length}; `
    + `${asked - during.length > 1 ? 'requests pile up' : 'never more than one request at a time'}.`;
});

// No server: the page's waits are random, below a limit that grows.
export const waits = whileOn('refuse', async (seen, say, on) => {
  let last = on;
  const failed = ({ type, ms }) => ['failed', 'refused'].includes(type) && ms !== undefined;
  const found = [];
  const list = () => found.map((ms) => duration(ms)).join(', ');
  while (found.length < 5) {
    if (found.length) say(`waits of ${list()}.`);
    last = await seen.next(failed, { after: last.time, within: 30_000 });
    if (!last) return undefined;
    found.push(last.ms);
  }
  return `Waits of ${list()}. Each is a random part of its bound: 0.5, 1, 2, 4 and 8 s.`;
});

// A proxy whose idle time-out is shorter than the server's.
export async function impatient(seen, say) {
  const on = await seen.next(begins('idle_kill'));
  const own = is('closed', ({ how, target, asked }) => how === 'idle_kill' && target === asked);
  const closed = await whileIdle(seen, say, on, own);
  if (closed.why) return closed;
  const after = closed.time - 500;
  const cut = await seen.next(is('failed'), { after, within: 1500 });
  const isNext = is('connection', ({ opened }) => opened >= closed.closed - 50);
  const next = await seen.next(isNext, { after, within: 10_000 });
  if (!next) return undefined;
  const pause = duration(Math.max(0, next.opened - closed.closed));
  const told = cut ? `The page saw “${cut.reason}”, and sent its request again`
    : 'The page saw no error: the browser sent the request again by itself';
  return `The proxy ended the connection at ${timeOfDay(closed.time)}. ${told} on a new connection, `
    + `${pause} later: ${seen.toll(after)}.`;
}

// What empty responses cost, as the lens counts it.
export async function emptiness(seen, say) {
  await seen.next(is('pressed'));
  seen.watch({ accounts: true });
  const next = () => seen.next(is('accounts'), { within: 5000 });
  const first = await next();
  for (let latest = first; latest; latest = await next()) {
    const grown = (name) => latest[name] - first[name];
    say(`${grown('empty')} of 10 empty responses.`);
    if (grown('empty') < 10) continue;
    seen.watch({});
    const [bytes, samples] = [grown('up') + grown('down'), grown('samples')];
    return `${grown('requests')} requests in ${duration(latest.time - first.time)}, `
      + `${grown('empty')} of them with an empty response, brought ${samples} samples: ${formatBytes(bytes)}`
      + `${samples ? `, ${Math.round(bytes / samples)} a sample` : ''}.`;
  }
  return undefined;
}
