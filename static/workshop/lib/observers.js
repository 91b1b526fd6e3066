// The observers of the cards about connections. An observer waits for the events that it expects,
// in their order, and returns a sentence with the figures; undefined when something else happened,
// or { why }. `seen` is the Evidence, `say` shows the progress.
import { duration, timeOfDay } from '/shared/format.js';
import { begins, cursor, is, sleep, whileIdle, whileOn } from '/workshop/lib/observing.js';

const LIFE = ['sample', 'heartbeat', 'message', 'opened'];

// How the connection ended that the page lost at that time, the one that carried its latest request.
async function howEnded(seen, { time, asked }) {
  const own = is('closed', ({ target }) => target === asked);
  return (await seen.next(own, { after: time - 2000, within: 3000 }))?.how;
}

// Whether the lens ended it, for that reason.
const ended = async (seen, how, lost) => (await howEnded(seen, lost)) === how;

// The EventSource reconnects by itself.
export async function browserReturns(seen, say) {
  const cut = await seen.next(is('failed', ({ ms }) => ms === undefined));
  if (!(await ended(seen, 'cut', cut))) return undefined;
  const { time } = cut;
  say(`Cut at ${timeOfDay(time)}.`);
  const opened = await seen.next(is('opened'), { after: time, within: 20_000 });
  if (!opened) return undefined;
  seen.watch({ wire: 'sse', connection: null });
  const isId = is('field', ({ name }) => name === 'last-event-id');
  const id = await seen.next(isId, { within: 3000 });
  seen.watch({});
  const next = await seen.next(is('sample'), { after: opened.time, within: 20_000 });
  return [`Cut at ${timeOfDay(time)}. The browser was back after ${duration(opened.time - time)}`,
    id ? `, with Last-Event-ID: ${id.value}. ` : '. ',
    next ? `Then came #${next.sample.seq}: ${seen.toll(time)}.` : ''].join('');
}

const byPage = is('failed', ({ ms }) => ms !== undefined);

export async function clientReturns(seen, say) {
  const cut = await seen.next(byPage);
  return (await ended(seen, 'cut', cut)) ? returns(seen, say, cut, 'Cut') : undefined;
}

export async function killedIdle(seen, say) {
  const on = await seen.next(begins('idle_kill'));
  const cut = await whileIdle(seen, say, on, byPage);
  if (cut.why) return cut;
  const how = 'Ended by the proxy';
  return (await ended(seen, 'idle_kill', cut)) ? returns(seen, say, cut, how) : undefined;
}

// client.js waits and sends another request, with its cursor.
async function returns(seen, say, { time, reason }, how) {
  const what = `${how} at ${timeOfDay(time)}: “${reason}”. `;
  say(what);
  const request = await seen.next(is('request'), { after: time, within: 20_000 });
  const next = await seen.next(is('sample'), { after: time, within: 30_000 });
  if (!request || !next) return undefined;
  return `${what}client.js waited ${duration(request.time - time)} and asked for what is after `
    + `${cursor(request.url) ?? 'nothing'}. Then came #${next.sample.seq}: ${seen.toll(time)}.`;
}

// No byte comes, and no error: until the stall ends, or the page's time-out is over.
export const silence = whileOn('stall', async (seen, say, on) => {
  const before = LIFE.flatMap((type) => seen.all(type, on.time - 10_000, on.time));
  let last = Math.max(...before.map(({ time }) => time), on.time - 10_000);
  for (;;) {
    say('It is quiet now. Watch what the page says.');
    const sign = await seen.next(({ type }) => [...LIFE, 'failed', 'stopped'].includes(type),
      { after: last, within: 60_000 });
    if (!sign || sign.type === 'stopped') return undefined;
    const quiet = duration(sign.time - last);
    if (sign.time - last < 5500) {
      if (!seen.active('stall')) return undefined;
      last = sign.time;
      continue;
    }
    const silent = `${quiet} without a byte`;
    if (sign.type === 'failed') {
      const other = ['cut', 'refuse', 'idle_kill'].includes(await howEnded(seen, sign));
      const ended = / of silence$/.test(sign.reason) ? 'the page gave up' : 'the connection ended';
      return other ? undefined : `${silent}, then ${ended}: “${sign.reason}”.`;
    }
    await sleep(500);
    return `${silent}, and no error in the page. `
      + `Then ${seen.all('sample', last).length} samples came at once: ${seen.toll(last)}.`;
  }
});

// Samples that were published one by one arrive together.
export const lump = whileOn('buffer', async (seen, say, { time }) => {
  for (;;) {
    say('A proxy is collecting what the server sends …');
    const first = await seen.next(is('sample'), { after: time });
    await sleep(400);
    const lump = seen.all('sample', time, first.time + 300);
    const last = lump.at(-1);
    const span = last.sample.at - first.sample.at;
    if (lump.length > 2 && span > 1500) {
      return `${lump.length} samples, published over ${duration(span)}, arrived within `
        + `${duration(last.time - first.time)}. The oldest was ${duration(seen.latency(first))} `
        + `late: ${seen.toll(time)}.`;
    }
    if (!seen.active('buffer')) return undefined;
    time = last.time;
  }
});

// After a pause, the samples published meanwhile arrive at once.
export async function catchUp(seen, say) {
  const stopped = await seen.next(is('stopped'));
  say('Stopped. Wait for some samples, then start.');
  const started = await seen.next(is('started'), { after: stopped.time });
  const request = await seen.next(is('request'), { after: stopped.time, within: 20_000 });
  if (!request || !cursor(request.url)) return undefined;
  const first = await seen.next(is('sample'), { after: started.time, within: 20_000 });
  if (!first) return undefined;
  await sleep(500);
  const missed = seen.all('sample', started.time)
    .filter((event) => seen.published(event) < started.time);
  if (missed.length === 0) return undefined;
  return `Away for ${duration(started.time - stopped.time)}. The page asked for what is after `
    + `${cursor(request.url)} and got ${missed.length} in `
    + `${duration(missed.at(-1).time - request.time)}: ${seen.toll(stopped.time)}.`;
}

// The bytes come seven at a time, and yet the samples are whole.
export const whole = whileOn('slice', async (seen, say, on) => {
  let last = on;
  for (let count = 0; count < 5; count++) {
    say(`${count} of 5 samples.`);
    last = await seen.next(({ type }) => ['sample', 'failed'].includes(type),
      { after: last.time, within: 20_000 });
    if (last?.type !== 'sample' || !seen.active('slice')) return undefined;
  }
  const size = JSON.stringify(last.sample).length;
  return `5 samples, the last of ${size} bytes, came whole, although the `
    + `link passed on only 7 bytes at a time: ${seen.toll(on.time)}.`;
});

// The response ends properly, and the next one continues it.
export async function lifetime(seen) {
  const end = await seen.next(is('ended'));
  const opened = await seen.next(is('opened'), { after: end.time, within: 20_000 });
  const start = seen.all('opened', 0, end.time).at(-1);
  if (!opened || !start) return undefined;
  await sleep(300);
  const same = seen.all('closed', end.time - 500).length === 0;
  return `The response ended after ${duration(end.time - start.time)}. The next one began `
    + `${duration(opened.time - end.time)} later, on ${same ? 'the same' : 'a new'} connection: `
    + `${seen.toll(end.time)}.`;
}
