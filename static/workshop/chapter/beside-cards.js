// What is tried in the chapters without a technique: beside a page, the same through a proxy, or
// the same built otherwise.
import { duration, latency } from '/shared/format.js';
import { now } from '/shared/time.js';
import { median } from '/workshop/lib/observing.js';
import { setup } from '/workshop/lib/setup.js';

const HUB_PORT = 3000; // by default
const SHIFT = 1000; // how far above its server a proxy of scripts/behind listens
const SAMPLES = 5; // before a card says what came otherwise: through a proxy, or from another server
const LATE = 100; // ms: HAProxy as it comes takes twice as long, one that passes on at once a few
const ENOUGH = 100; // samples of each lane, for a share of what is lost
const SIX_DELAY = 2000; // ms after which no seventh stream has opened

const { port: hub, techniques } = await setup;
const at = (port) => `http://${location.hostname}:${port}`;
const is = (type) => (event) => event.type === type;

// A technique's page, directly and through the proxy.
function through(technique, start) {
  const { port } = techniques.find(({ name }) => name === technique);
  const page = { technique, path: '/bare.html', start };
  return [
    { ...page, name: 'Directly', origin: at(port), start: 'the workshop' },
    { ...page, name: 'Through the proxy', origin: at(port + SHIFT) },
  ];
}

// The samples that came directly since the other page began, and through the proxy.
function samples([direct, proxied]) {
  const begin = proxied.find(is('request'))?.time ?? Infinity;
  return [direct.filter(is('sample')).filter(({ time }) => time > begin), proxied.filter(is('sample'))];
}

function collected(seen) {
  const [direct, proxied] = samples(seen);
  if (proxied.length) return { say: `${proxied.length} came through the proxy: it does not collect.` };
  if (direct.length < SAMPLES) return { say: `${direct.length} of ${SAMPLES} samples came directly.` };
  const span = direct.at(-1).time - seen[1].find(is('request')).time;
  return { done: `In ${duration(span)}, ${direct.length} samples came directly, and none through the proxy.` };
}

function passedOn(seen) {
  const [direct, proxied] = samples(seen);
  const delays = proxied.flatMap(({ sample, time }) => direct
    .filter((other) => other.sample.id === sample.id).map((other) => time - other.time));
  if (delays.length < SAMPLES) return { say: `${delays.length} of ${SAMPLES} samples came both ways.` };
  const delay = duration(Math.max(0, median(delays)));
  const text = `${delays.length} samples came through the proxy, ${delay} after they came directly (median)`;
  return median(delays) < LATE ? { done: `${text}.` } : { say: `${text}: it holds them back.` };
}

function refused([direct, proxied]) {
  const failed = proxied.find(is('failed'));
  if (proxied.some(is('opened'))) return { say: 'It is open through the proxy, too.' };
  if (!failed || !direct.some(is('sample'))) return undefined;
  const ms = duration(failed.time - proxied.find(is('request')).time);
  return { done: `Directly, it is open. Through the proxy, it was closed after ${ms} and never open; `
    + 'the browser does not tell the page why.' };
}

function letThrough([direct, proxied]) {
  if (proxied.some(is('failed'))) return { say: 'It was closed through the proxy.' };
  if (![direct, proxied].every((events) => events.some(is('sample')))) return undefined;
  return { done: 'Both are open, and samples come through both.' };
}

// Of the blog: cut off and back in one program; in the other, only the likes were away.
function restarted([monolith, services]) {
  const likes = (type) => (event) => event.type === type && event.part === 'likes';
  const back = monolith.findLast(is('back'));
  const one = back && `One program: your stream was cut, and back after ${duration(back.ms)}.`;
  const away = services.find(likes('away'));
  const answers = services.findLast(likes('answers'));
  const three = away && answers?.time > away.time && !services.some(is('cut'))
    && `Services: likes did not answer for ${duration(answers.time - away.time)}, your stream was never cut.`;
  if (one && three) return { done: `${one} ${three}` };
  return { say: one || three || (answers ? 'Both are live: press Enter in each terminal.' : '') };
}

// Of the cluster: what was at the server that is dead now goes on at another one.
function survived([looks]) {
  const newly = (look, at) => look.dead.filter((server) => at > 0 && !looks[at - 1].dead.includes(server)
    && looks[at - 1].lanes.some((lane) => lane.server === server));
  const died = looks.findLastIndex((look, at) => newly(look, at).length > 0);
  if (died < 0) return { say: 'Kill a server that techniques are at.' };
  const [server] = newly(looks[died], died);
  const before = looks[died - 1].lanes;
  const { dead, lanes } = looks.at(-1);
  const sum = (name) => lanes.reduce((all, lane) => all + lane[name], 0);
  const [missed, duplicated] = [sum('missed'), sum('duplicated')];
  const score = `${missed} missed, ${duplicated} duplicated`;
  if (missed + duplicated > 0) return { say: `Server ${server} was killed: ${score}.` };
  const back = lanes.filter((lane, at) => lane.server && !dead.includes(lane.server)
    && lane.delivered >= before[at].delivered + SAMPLES);
  if (back.length < lanes.length) {
    return { say: `Server ${server} was killed. ${back.length} of ${lanes.length} techniques have `
      + `${SAMPLES} samples more.` };
  }
  const moved = before.filter((lane) => lane.server === server).length;
  return { done: `Server ${server} was killed with ${moved} of ${lanes.length} techniques at it. All have at `
    + `least ${SAMPLES} samples more, from a server that runs: ${score}.` };
}

const openStreams = { say: 'Press Open streams in the page.' };

function six([events]) {
  const last = events.at(-1);
  const { open, of, protocol } = last;
  if (of === 0) return openStreams;
  const stays = now() - last.time > SIX_DELAY;
  return protocol === 'HTTP/1.1' && of > 6 && open === 6 && stays
    ? { done: `6 of ${of} streams are open over HTTP/1.1; the others wait.` }
    : { say: `${open} of ${of} streams are open over ${protocol}.` };
}

function thirty([events]) {
  const { open, of, protocol } = events.at(-1);
  if (of === 0) return openStreams;
  return protocol === 'HTTP/2' && of >= 30 && open === of
    ? { done: `${open} of ${of} streams are open over HTTP/2, in one connection.` }
    : { say: `${open} of ${of} streams are open over ${protocol}.` };
}

// Each of the three lanes suffers from loss in its own way. Latencies are shown, but not
// required: on a busy processor, all lanes are late.
function differently([looks]) {
  const { reason, loss, lanes } = looks.at(-1);
  if (reason) return { say: reason };
  if (!loss) return { say: 'Lose packets: move the slider in the page.' };
  const { datagrams, stream, streams } = lanes;
  const least = Math.min(...Object.values(lanes).map(({ delivered }) => delivered));
  const shown = datagrams.missed && streams.outOfOrder && stream.missed + streams.missed === 0;
  const score = `${loss} % lost. Datagrams: ${datagrams.missed} missed, p90 ${latency(datagrams.p90)}. `
    + `One stream: ${stream.missed} missed, p90 ${latency(stream.p90)}. `
    + `A stream each: ${streams.missed} missed, ${streams.outOfOrder} out of order.`;
  return least >= ENOUGH && shown ? { done: score } : { say: score };
}

// Of fallback: directly it climbs; where no WebSocket passes, it stays with polling.
function staysWithPolling([direct, refused]) {
  const climbed = is('request');
  const upgraded = (events) => events.find((event) => climbed(event) && event.url === 'WebSocket');
  if (upgraded(refused)) return { say: 'Through the lens, too, it has a WebSocket: Upgrade is not refused.' };
  const polls = refused.filter(is('sample'));
  if (!upgraded(direct)) return { say: 'Directly, it has no WebSocket yet.' };
  if (polls.length < 2 * SAMPLES) return { say: `${polls.length} of ${2 * SAMPLES} samples came by polls.` };
  return { done: `Directly, a WebSocket. Through the lens, ${polls.length} samples came by polls, `
    + 'and it stays with them.' };
}

// A card shows what stands between backticks as a command.
const command = (words) => `\`${words}\``;
// With another --base-port, what runs beside the workshop has other ports, too.
const moved = (flags) => (hub === HUB_PORT ? '' : ` ${flags}`);
const behind = (words) => command(`scripts/behind ${words}${moved(`--base-port ${hub}`)}`);

// The command of the blog in one of its shapes.
function blog(shape) {
  const port = hub + (shape === 'monolith' ? 13 : 14);
  return command(`cargo run -p blog -- ${shape}${moved(`--port ${port}`)}`);
}

// The page of the cluster has its buttons for the machine that it runs on alone.
const local = ['localhost', '127.0.0.1'].includes(location.hostname);
const cluster = command(`scripts/cluster${moved(`--base-port ${hub + SHIFT}`)}`);

// The demo, and a lens before it that lets no WebSocket through.
const fallback = command(`cargo run -p fallback${moved(`-- --port ${hub + 10}`)}`);
const refusing = command(`cargo run -p lens -- --listen ${hub + SHIFT + 10} --to ${hub + 10} --refuse-upgrade`);

const webtransport = command(`cargo run -p webtransport -- --every 25ms${moved(`--port ${hub + 8}`)}`);

const many = { technique: 'sse', path: '/many.html', name: 'Many streams, one page', start: 'the workshop' };

export const CARDS = {
  proxies: [{
    title: 'Collected: a stream that does not arrive',
    todo: `In a terminal beside the workshop: ${behind('nginx buffering')}. Then open both pages.`,
    expect: 'Directly, each sample comes as it is published. Through the proxy, none does.',
    pages: through('sse', behind('nginx buffering')),
    see: collected,
  }, {
    title: 'Passed on: the same stream, at once',
    todo: `End that proxy with Ctrl-C, and run ${behind('nginx right')}. Open both pages.`,
    expect: 'Each sample comes through the proxy within some milliseconds.',
    pages: through('sse', behind('nginx right')),
    see: passedOn,
  }, {
    title: 'Refused: a WebSocket behind a proxy as it comes',
    todo: `Run ${behind('nginx')}, without more. Open both pages.`,
    expect: 'nginx drops Upgrade and changes Host. The server refuses the handshake: 403.',
    pages: through('websocket', behind('nginx')),
    link: { href: '/wire/websocket', words: 'Why: the request as it arrived' },
    see: refused,
  }, {
    title: 'Let through: the same WebSocket',
    todo: `Run ${behind('nginx right')}. Open both pages.`,
    expect: 'The proxy passes Upgrade, Connection and Host on: 101.',
    pages: through('websocket', behind('nginx right')),
    see: letThrough,
  }],
  scaling: [{
    title: 'Kill a server: nobody loses a sample',
    todo: `In a terminal beside the workshop: ${cluster}. Open the page, and press Kill server 1 in it. `
      + `The buttons are at http://localhost:${hub + SHIFT + 6} alone.`,
    expect: 'The techniques that were at server 1 go on at server 2. Missed: 0.',
    pages: [{ technique: 'cluster', name: 'Two servers, one broker',
      origin: at(hub + SHIFT + (local ? 6 : 0)), start: cluster }],
    see: survived,
  }, {
    title: 'Restart likes: one program and three',
    todo: `In two terminals: ${blog('monolith')}, and ${blog('services')}. Open both pages, then press `
      + 'Enter in each terminal.',
    expect: 'The reader of the monolith is cut off. That of the services only cannot like for a while.',
    pages: [
      { technique: 'blog', name: 'One program', origin: at(hub + 13), start: blog('monolith') },
      { technique: 'blog', name: 'Three and a gateway', origin: at(hub + 14), start: blog('services') },
    ],
    link: { href: '/source?left=monolith&right=services', words: 'Both programs, side by side' },
    see: restarted,
  }],
  libraries: [{
    title: 'Refuse Upgrade: it stays with polling',
    todo: `In two terminals: ${fallback}, and ${refusing}. Open both pages.`,
    expect: 'Directly, polling becomes a WebSocket. Through the lens each Upgrade is reset: the polls go on, '
      + 'and nothing is missed.',
    pages: [
      { technique: 'fallback', name: 'Directly', origin: at(hub + 10), start: fallback },
      { technique: 'fallback', name: 'Upgrade refused', origin: at(hub + SHIFT + 10), start: refusing },
    ],
    see: staysWithPolling,
  }],
  http3: [{
    title: 'Six: streams over HTTP/1.1',
    todo: `At ${at(hub)}/chapter/http3: open the page, and Open streams in it.`,
    expect: 'Six of thirty are open. The seventh waits, and so does all else that the page asks for.',
    pages: [many],
    see: six,
  }, {
    title: 'Thirty: streams over HTTP/2',
    todo: `Run ${behind('nginx right --tls')}. Open this chapter at https, on port `
      + `${hub + SHIFT}, and accept the certificate. Open the page, and Open streams in it.`,
    expect: 'All thirty are open, in one connection. The server has not changed.',
    pages: [many],
    see: thirty,
  }, {
    title: 'Lose packets: three lanes of WebTransport',
    todo: `In a terminal beside the workshop: ${webtransport}. Open the page, and lose 5 % of the packets.`,
    expect: 'Datagrams are missed, and the others come soon. One stream misses none, and makes those behind '
      + 'a lost packet wait. On a stream each they overtake it.',
    pages: [{ technique: 'webtransport', path: '/lanes.html', name: 'Three lanes', origin: at(hub + 8),
      start: webtransport }],
    see: differently,
  }],
};
