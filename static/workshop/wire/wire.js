// The wire: this device's connection, byte by byte, as the hub's lens passed it on.
import { el, write } from '/shared/dom.js';
import { formatBytes, seconds } from '/shared/format.js';
import { frame } from '/workshop/lib/frames.js';
import { live } from '/workshop/lib/hub.js';
import { TECHNIQUES, badge, title } from '/workshop/lib/techniques.js';
import { portHere, portOf, setup } from '/workshop/lib/setup.js';
import { fromHex, plain } from '/workshop/wire/bytes.js';
import { Changes } from '/workshop/wire/changes.js';
import { CLOSE_CAUSES, Connections } from '/workshop/wire/connections.js';
import { Panel } from '/workshop/wire/panel.js';
import { Share } from '/workshop/wire/share.js';
import { Stream } from '/workshop/wire/stream.js';

const RENDER_INTERVAL = 80; // ms: messages are collected, and shown together
const WAITING_LIMIT = 3000; // messages, while the view is paused or hidden
const ENDED_LIMIT = 1000; // more connections than the hub tells of again
const SUMMARY_INTERVAL = 10_000; // ms, for screen readers

const $ = (id) => document.getElementById(id);
const page = document.documentElement.dataset; // the hub writes them
const { technique } = page;
const presenter = location.pathname.startsWith('/presenter') ? '/presenter' : '';

let waiting = []; // messages that are not shown yet
let dropped = 0; // messages over the limit
let paused = false;
let sides; // of a proxy, each with its own connection; without one, all is on the one side
let changes; // by the proxy
let chosen = null; // the connection that is shown alone
let counted = 'behind'; // the side whose bytes are divided into classes
const ENCRYPTED = 'All of it is encrypted (TLS) before the proxy: a lens there sees sizes and times, and so does '
  + 'everybody else on the way. What it says is seen behind the proxy.';
const LAST_WORDS = ['last-chunk', 'ws-close-code']; // labels: the connection may stay open after them
const TLS_HANDSHAKE = '1603'; // how a connection with TLS begins (RFC 9846 §5.1), in hex
const ends = new Map(); // connections that ended: id → the line that says how, '' once shown

document.title = `${title(technique)} on the wire · Realtime Workshop`;
const share = new Share($('share'));
const stream = new Stream((unit) => panel?.show(unit));
const panel = new Panel($('panel'), stream);
panel.show(null);
const connections = new Connections($('connections'), page, watch);

const tabs = [...new Set([...Object.keys(TECHNIQUES), technique])]; // the gallery has none of its own
$('techniques').append(...tabs.map((name) => {
  const link = el('a', { href: `${presenter}/wire/${name}${location.search}` },
    name in TECHNIQUES ? badge(name) : title(name));
  if (name === technique) link.setAttribute('aria-current', 'page');
  return el('li', {}, link);
}));
const tab = document.querySelector('.tabs [aria-current]'); // on a phone they scroll
new ResizeObserver(() => ($('techniques').scrollLeft = tab.offsetLeft - $('techniques').clientWidth / 3))
  .observe($('techniques'));

function watch(connection) {
  waiting = [];
  dropped = 0;
  chosen = connection;
  counted = connection === null ? 'behind' : connections.side(connection);
  clear();
  live.send({ watch: { wire: technique, connection } });
}

function clear() {
  // `watched`: the connection whose bytes came last. `other`: it carries something else of the page, as
  // styles, scripts, the clock. `endedInView`: it has. `reconnects`: another one took its place, and has
  // not asked for samples yet.
  const side = () => ({ watched: null, other: false, endedInView: false, reconnects: false });
  sides = { before: side(), behind: side() };
  changes = newChanges();
  $('changed').hidden = true;
  for (const line of $('changed').children) write(line, '');
  stream.clear();
  share.clear();
}

const newChanges = () => new Changes((target) => connections.isEndpoint(target));

live.on('bytes', (bytes) => {
  // What was under way when another was chosen is not of it.
  if (chosen === null || bytes.connection === chosen) take(bytes);
});
live.on('skipped', (count) => skipped(count));
live.on('connection', (connection) => {
  connections.add(connection);
  if (connection.technique !== technique || !connection.closed || ends.has(connection.id)) return;
  const lasted = seconds(connection.closed - connection.opened);
  const text = `✕ ${connections.name(connection.id)} ended after ${lasted}: ${CLOSE_CAUSES[connection.how] ?? connection.how}`;
  ends.set(connection.id, text);
  if (ends.size > ENDED_LIMIT) ends.delete(ends.keys().next().value);
  const side = sides[connections.side(connection.id)];
  if (connection.id !== side.watched) return;
  side.endedInView = true;
  end(connection.id);
});
// When the hub is back, it tells everything again.
live.on('lost', (lost) => {
  if (lost) return;
  waiting = [];
  ends.clear();
  connections.clear();
  clear();
});
watch(null);

function take(item) {
  const lines = item.pieces ? bytes(item) : [];
  // Of both sides of a proxy, what else is of the page would cover the technique.
  if (item.place && item.other && chosen === null) return;
  waiting.push(item, ...lines.map((line) => ({ kind: 'changed', ...line })));
  if (waiting.length > WAITING_LIMIT) dropped += waiting.splice(0, waiting.length - WAITING_LIMIT).length;
  if (paused) showPause();
}

// A response that was dropped would leave its request waiting for the next one.
function skipped(count) {
  changes = newChanges();
  take({ kind: 'skipped', text: dropping(count, 'because this page was too slow') });
}

// Notes where bytes belong. Returns what is to be said after them.
function bytes(item) {
  const { connection } = item;
  const name = connections.side(connection);
  const side = sides[name];
  const begins = connection !== side.watched;
  if (begins) begin(item, name);
  side.watched = connection;
  if (begins && item.before && !connections.place(connection)) older(item.before);
  const target = item.pieces.find(({ label }) => label === 'target');
  if (target) aim(connection, side, plain(fromHex(target.hex)));
  Object.assign(item, { side: name, place: connections.place(connection), other: side.other });
  item.ends = item.pieces.some(({ label }) => LAST_WORDS.includes(label));
  if (target && !side.other) {
    item.pin = side.reconnects && resumes(item.pieces);
    side.reconnects = false;
  }
  if (!item.place) return [];
  const encrypted = begins && name === 'before' && item.pieces[0].hex.startsWith(TLS_HANDSHAKE);
  return encrypted ? [{ what: 'request', text: ENCRYPTED }] : changes.add(name, item);
}

// Whether a request says what its client had last, as one that comes back does, and a new page does not.
const resumes = (pieces) => pieces.some(({ label, hex }) =>
  (label === 'target' && /[?&]after=/.test(plain(fromHex(hex))))
  || (label === 'field-name' && plain(fromHex(hex)).toLowerCase() === 'last-event-id'));

const dropping = (count, reason) => `${count === 1 ? '1 update was' : `${count} updates were`} dropped `
  + `${reason}: the byte counts of this connection are too low.`;

// What passed on the connection before the oldest that the hub has kept. (Through a proxy, a connection
// is turned to again and again: what came before was shown then.)
function older(count) {
  waiting.push({ kind: 'older', older: count,
    text: `${formatBytes(count)} of this connection came before these, and are not kept.` });
}

// Says once how a connection ended.
function end(id) {
  const text = ends.get(id);
  ends.set(id, '');
  if (text) take({ kind: 'end', text });
}

// Notes what the next exchange is for.
function aim(id, side, target) {
  side.other = !connections.isEndpoint(target);
  if (!side.other) connections.carries(id, target);
}

// Says in the view where one connection ends and the next begins.
function begin({ connection: id, for_endpoint: own }, name) {
  const side = sides[name];
  side.other = !own; // its request may have come before what is kept
  if (ends.has(side.watched)) end(side.watched);
  // The first one may carry something else.
  side.reconnects ||= side.endedInView;
  side.endedInView = false;
  changes.begin(name, id);
  waiting.push({ kind: 'begin', begins: name, text: connections.name(id) });
}

setInterval(() => {
  if (paused || waiting.length === 0) return;
  const items = waiting;
  waiting = [];
  if (dropped) items.unshift({ kind: 'skipped', text: dropping(dropped, 'while this view was paused or hidden') });
  dropped = 0;
  let batch = [];
  for (const item of items) {
    if (item.begins) {
      stream.add(batch);
      batch = [];
      if (item.begins === counted) share.clear();
      stream.part(item.begins);
    }
    if (item.older) share.older(item.older);
    if (item.side === counted && !item.other) share.add(item);
    batch.push(item);
  }
  stream.add(batch);
  // Then: a stream that got smaller would not be at its end, and not follow.
  items.filter(({ what }) => what).forEach(showChange);
  share.render();
}, RENDER_INTERVAL);

// It stays in sight, while the bytes scroll on.
function showChange({ what, text }) {
  $('changed').hidden = false;
  write($('changed').querySelector(`.${what}`), text);
}

$('pause').addEventListener('click', () => {
  paused = !paused;
  showPause();
});
function showPause() {
  const pieces = waiting.flatMap((item) => item.pieces ?? []);
  const bytes = pieces.reduce((sum, { hex }) => sum + hex.length / 2, 0);
  write($('pause'), paused ? `▶ ${formatBytes(bytes)} ${bytes === 1 ? 'waits' : 'wait'}` : '‖ Pause');
}
$('fold').addEventListener('click', () => stream.fold(true));
$('unfold').addEventListener('click', () => stream.fold(false));
addEventListener('keydown', ({ key }) => key === 'Escape' && stream.unpick());

setInterval(() => write($('summary'), $('share').querySelector('.words').textContent), SUMMARY_INTERVAL);

// The page whose requests are shown.
const latest = $('live').querySelector('.latest');
const WORDS = {
  sample: ({ sample }) => `#${sample.seq} ${sample.data}`,
  failed: () => 'disconnected', refused: () => 'refused', stopped: () => 'stopped',
};
// `?proxy=4100`: it takes the way through a proxy, by the lenses whose first port this is.
const query = new URLSearchParams(location.search);
const lenses = Number(query.get('proxy'));
const moved = lenses ? lenses - await portHere((await setup).port) : 0;
const origin = `${location.protocol}//${location.hostname}:${await portOf(technique) + moved}`;
$('live').append(await frame(technique, (event) => {
  if (WORDS[event.type]) write(latest, WORDS[event.type](event));
}, { origin, path: query.has('application') ? `/${query.get('application')}/` : '/' }));
