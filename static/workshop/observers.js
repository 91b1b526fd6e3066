// What the cards look for. An observer waits for what it expects, in the order in which it
// happens, and returns what was seen, in figures; nothing, when it was not what it seemed.
// `seen` is the Evidence, `say` shows how far it is.
const is = (type, more = () => true) => (event) => event.type === type && more(event);
const effect = (name) => is('on', (event) => event.effect === name);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const LIFE = ['sample', 'heartbeat', 'message', 'opened'];

export const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
export function clock(time) {
  const tenth = Math.floor((time % 1000) / 100);
  return `${new Date(time).toLocaleTimeString('en-GB')}.${tenth}`;
}
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const cursor = (url) => url.split('after=')[1];

// How the lens ended the connection that the page lost at that time.
const ended = (seen, how, time) =>
  seen.next(is('closed', (event) => event.how === how), { after: time - 2000, within: 3000 });

// Since when nothing disturbed the page, before that time.
function calmSince(seen, time) {
  const troubles = ['off', 'cut', 'refused', 'stopped'].flatMap((type) => seen.all(type, time - 60_000, time));
  const last = Math.max(time - 60_000, ...troubles.map((event) => event.time));
  return seen.all('sample', last, time)[0]?.time ?? time;
}

// The EventSource is back by itself.
export async function browserReturns(seen, say) {
  const cut = await seen.next(is('cut', ({ ms }) => ms === undefined));
  if (!(await ended(seen, 'cut', cut.time))) return undefined;
  say(`Cut at ${clock(cut.time)}.`);
  const opened = await seen.next(is('opened'), { after: cut.time, within: 20_000 });
  if (!opened) return undefined;
  seen.watch({ wire: 'sse', connection: null });
  const id = await seen.next(is('field', ({ name }) => name === 'last-event-id'), { within: 3000 });
  seen.watch({});
  const sample = await seen.next(is('sample'), { after: opened.time, within: 20_000 });
  return `Cut at ${clock(cut.time)}. The browser was back after ${duration(opened.time - cut.time)}`
    + `${id ? `, with Last-Event-ID: ${id.value}` : ''}. `
    + `${sample ? `Then came #${sample.sample.seq}: ` : ''}${seen.toll(cut.time)}.`;
}

// client.js waited and asked again, with the cursor. `how` is what the lens did.
export const clientReturns = (how) => async (seen, say) => {
  const cut = await seen.next(is('cut', ({ ms }) => ms !== undefined));
  if (!(await ended(seen, how, cut.time))) return undefined;
  const what = `${how === 'cut' ? 'Cut' : 'Ended by the proxy'} at ${clock(cut.time)}`;
  say(`${what}: “${cut.reason}”.`);
  const request = await seen.next(is('request'), { after: cut.time, within: 20_000 });
  const sample = await seen.next(is('sample'), { after: cut.time, within: 30_000 });
  if (!request || !sample) return undefined;
  return `${what}: “${cut.reason}”. client.js waited ${duration(request.time - cut.time)} and asked for `
    + `what is after ${cursor(request.url) ?? 'nothing'}. Then came #${sample.sample.seq}: ${seen.toll(cut.time)}.`;
};

// Nothing comes, and nobody says so: until it ends, or the page loses its patience.
export async function silence(seen, say) {
  const on = await seen.next(effect('stall'));
  const before = LIFE.flatMap((type) => seen.all(type, on.time - 10_000, on.time));
  let last = before.toSorted((a, b) => a.time - b.time).at(-1) ?? on;
  for (;;) {
    say('It is quiet now. Watch what the page says.');
    const sign = await seen.next(({ type }) => type === 'cut' || type === 'stopped' || LIFE.includes(type),
      { after: last.time, within: 60_000 });
    if (!sign || sign.type === 'stopped') return undefined;
    const quiet = sign.time - last.time;
    if (quiet < 5500) {
      if (!seen.active('stall')) return undefined;
      last = sign;
      continue;
    }
    if (sign.type === 'cut') return `${duration(quiet)} without a byte, then the page gave up: “${sign.reason}”.`;
    await sleep(500);
    const samples = seen.all('sample', last.time).length;
    return `${duration(quiet)} without a byte, and no error: the page was told nothing. `
      + `Then ${samples} samples came at once: ${seen.toll(last.time)}.`;
  }
}

// Samples that were published one after the other arrive together.
export async function lump(seen, say) {
  let { time } = await seen.next(effect('buffer'));
  for (;;) {
    say('Something on the way collects what the server sends …');
    const first = await seen.next(is('sample'), { after: time, within: 60_000 });
    if (!first) return undefined;
    await sleep(400);
    const together = seen.all('sample', time, first.time + 300);
    const span = together.at(-1).sample.at - together[0].sample.at;
    const took = together.at(-1).time - together[0].time;
    if (together.length > 2 && span > 1500) {
      return `${together.length} samples, published over ${duration(span)}, arrived within ${duration(took)}. `
        + `The oldest was ${duration(seen.latency(together[0]))} late: ${seen.toll(time)}.`;
    }
    if (!seen.active('buffer')) return undefined;
    time = together.at(-1).time;
  }
}

// Away for a while: what was published meanwhile comes at the return.
export async function catchUp(seen, say) {
  const stopped = await seen.next(is('stopped'));
  say('Stopped. Wait for some samples, then start.');
  const started = await seen.next(is('started'), { after: stopped.time });
  const request = await seen.next(is('request'), { after: stopped.time, within: 20_000 });
  if (!request || !cursor(request.url)) return undefined;
  const first = await seen.next(is('sample'), { after: started.time, within: 20_000 });
  if (!first) return undefined;
  await sleep(500);
  const late = seen.all('sample', started.time).filter((event) => seen.published(event) < started.time);
  if (late.length === 0) return undefined;
  return `Away for ${duration(started.time - stopped.time)}. The page asked for what is after `
    + `${cursor(request.url)} and got ${late.length} in ${duration(late.at(-1).time - request.time)}: ${seen.toll(stopped.time)}.`;
}

// Seven bytes at a time, and yet whole samples.
export async function whole(seen, say) {
  const on = await seen.next(effect('slice'));
  let last = on;
  for (let count = 0; count < 5; count++) {
    say(`${count} of 5 samples.`);
    last = await seen.next(({ type }) => ['sample', 'cut'].includes(type), { after: last.time, within: 20_000 });
    if (last?.type !== 'sample' || !seen.active('slice')) return undefined;
  }
  const size = JSON.stringify(last.sample).length;
  return `5 samples of about ${size} bytes came whole, though the way passed on 7 bytes at a time: ${seen.toll(on.time)}.`;
}

// The answer ends as it should, and the next one goes on.
export async function lifetime(seen) {
  const end = await seen.next(is('ended'));
  const opened = await seen.next(is('opened'), { after: end.time, within: 20_000 });
  const start = seen.all('opened', 0, end.time).at(-1);
  if (!opened || !start) return undefined;
  await sleep(300);
  const same = seen.all('closed', end.time - 500).length === 0;
  return `The answer ended after ${duration(end.time - start.time)}. The next one began ${duration(opened.time - end.time)} `
    + `later, ${same ? 'on the same connection' : 'on a new connection'}: ${seen.toll(end.time)}.`;
}

// Held back on the way: how late samples were before, and are now.
export async function late(seen, say) {
  const on = await seen.next(effect('delay'));
  const calm = calmSince(seen, on.time);
  const before = seen.all('sample', calm, on.time).filter((event) => seen.published(event) > calm).slice(-5);
  let last = on;
  for (let count = 0; count < 5; count++) {
    say(`${count} of 5 samples.`);
    last = await seen.next(is('sample'), { after: last.time, within: 30_000 });
    if (!last || !seen.active('delay')) return undefined;
  }
  const typical = (list) => duration(median(list.map((event) => seen.latency(event))));
  const compared = before.length ? `Before, a sample was typically ${typical(before)} late; now` : 'A sample was';
  return `${compared} ${typical(seen.all('sample', on.time))} (the middle one of ${before.length ? `${before.length} and ` : ''}5): ${seen.toll(on.time)}.`;
}

// Nobody answers: each wait is a random part of a longer time.
export async function waits(seen, say) {
  const on = await seen.next(effect('refuse'));
  const failed = ({ type, ms }) => ['cut', 'refused'].includes(type) && ms !== undefined;
  const found = [];
  for (let last = on; found.length < 5; found.push(last)) {
    if (found.length) say(`Waits so far: ${found.map(({ ms }) => duration(ms)).join(', ')}.`);
    last = await seen.next(failed, { after: last.time, within: 30_000 });
    if (!last) return undefined;
  }
  return `Waits of ${found.map(({ ms }) => duration(ms)).join(', ')}: random parts of 0.5, 1, 2, 4 and 8 s.`;
}

// A proxy with less patience than the server.
export async function impatient(seen) {
  const closed = await seen.next(is('closed', ({ how }) => how === 'idle_kill'));
  const cut = await seen.next(is('cut'), { after: closed.time - 500, within: 1500 });
  const next = await seen.next(is('connection', ({ opened }) => opened >= closed.closed - 50),
    { after: closed.time - 500, within: 10_000 });
  if (!next) return undefined;
  const pause = duration(Math.max(0, next.opened - closed.closed));
  return `The proxy ended the connection at ${clock(closed.time)}. ${cut
    ? `The page was told “${cut.reason}”, and asked again ${pause} later`
    : `The page was told nothing: the browser asked again by itself, ${pause} later`}, on a new connection: ${seen.toll(closed.time - 500)}.`;
}

// How long questions take, and that they never overlap.
export const slow = (name) => async (seen, say) => {
  const on = await seen.next(effect(name));
  const pairs = (after, before) => seen.all('answered', after, before).map(({ time }) =>
    time - seen.all('request', 0, time).at(-1)?.time).filter((took) => took >= 0);
  const before = pairs(calmSince(seen, on.time), on.time);
  let last = on;
  for (let count = 0; count < 5; count++) {
    say(`${count} of 5 answers.`);
    last = await seen.next(is('answered'), { after: last.time, within: 30_000 });
    if (!last || !seen.active(name)) return undefined;
  }
  const during = pairs(on.time, last.time + 1);
  const asked = seen.all('request', on.time, last.time + 1).length;
  return `${before.length ? `Before, an answer took ${duration(median(before))}; now` : 'An answer took'} ${duration(median(during))}. `
    + `${asked} questions and ${during.length} answers in ${duration(last.time - on.time)}: one at a time.`;
};

// What asking in vain costs, as the lens counts it.
export async function emptiness(seen, say) {
  await seen.next(is('pressed'));
  seen.watch({ accounts: true });
  const first = await seen.next(is('accounts'), { within: 5000 });
  for (let latest = first; latest; latest = await seen.next(is('accounts'), { within: 5000 })) {
    const grown = (name) => latest[name] - first[name];
    say(`${grown('empty')} of 20 empty answers.`);
    if (grown('empty') < 20) continue;
    seen.watch({});
    const bytes = grown('up') + grown('down');
    const samples = grown('samples');
    return `${grown('requests')} questions, ${grown('empty')} of them in vain, brought ${samples} samples in `
      + `${duration(latest.time - first.time)}: ${bytes} bytes, ${samples ? `${Math.round(bytes / samples)} a sample` : 'all for nothing'}.`;
  }
  return undefined;
}
