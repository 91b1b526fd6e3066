// The wire: one's own connection, byte by byte, as the lens of the hub saw it pass.
import { el, write } from '/shared/dom.js';
import { formatBytes, seconds } from '/shared/format.js';
import { frame } from '/workshop/frames.js';
import { live } from '/workshop/hub.js';
import { TECHNIQUES, badge, title } from '/workshop/techniques.js';
import { fromHex, plain } from '/workshop/wire-bytes.js';
import { Connections, HOW } from '/workshop/wire-connections.js';
import { Panel } from '/workshop/wire-panel.js';
import { Share } from '/workshop/wire-share.js';
import { Stream } from '/workshop/wire-stream.js';

const STEP = 80; // ms in which what comes is collected, and then shown at once
const MOST = 3000; // messages that wait while the view is paused, or hidden
const MOST_ENDS = 1000; // more than the hub tells of again
const ENDPOINTS = /^\/(short-polling|long-polling|stream|api\/v1\/live-data|chat|echo)(\?|$)/;
const SUMMARY = 10_000; // ms between two summaries for readers of the screen

const $ = (id) => document.getElementById(id);
const { technique } = document.documentElement.dataset;
const presenter = location.pathname.startsWith('/presenter') ? '/presenter' : '';

let waiting = []; // what came and is not shown yet
let left = 0; // messages that did not fit into it
let paused = false;
let watched = null; // the connection whose bytes came last
let other = false; // it is busy with what the page loads besides: styles, scripts, the time
const ends = new Map(); // connections that ended: id → how, until it was said; the newest

document.title = `${title(technique)} on the wire · Realtime Workshop`;
const share = new Share($('share'));
const stream = new Stream((unit) => panel?.show(unit));
const panel = new Panel($('panel'), stream);
panel.show(null);
const connections = new Connections($('connections'), technique, watch);

$('techniques').append(...Object.keys(TECHNIQUES).map((name) => {
  const link = el('a', { href: `${presenter}/wire/${name}` }, badge(name));
  if (name === technique) link.setAttribute('aria-current', 'page');
  return el('li', {}, link);
}));
const tab = document.querySelector('.tabs [aria-current]'); // on a phone they scroll
new ResizeObserver(() => ($('techniques').scrollLeft = tab.offsetLeft - $('techniques').clientWidth / 3))
  .observe($('techniques'));

function watch(connection) {
  waiting = [];
  left = 0;
  watched = null;
  clear();
  live.send({ watch: { wire: technique, connection } });
}

function clear() {
  stream.clear();
  share.clear();
}

live.on('bytes', (bytes) => take(bytes));
live.on('skipped', (count) => take({ kind: 'skipped',
  text: `${count === 1 ? '1 message' : `${count} messages`} left out: this page was too slow` }));
live.on('connection', (connection) => {
  connections.add(connection);
  if (connection.technique !== technique || !connection.closed || ends.has(connection.id)) return;
  const lasted = seconds(connection.closed - connection.opened);
  const text = `✕ ${connections.name(connection.id)} ended after ${lasted}: ${HOW[connection.how] ?? connection.how}`;
  ends.set(connection.id, text);
  if (ends.size > MOST_ENDS) ends.delete(ends.keys().next().value);
  if (connection.id === watched) end(watched);
});
// A hub that comes back tells everything again.
live.on('lost', (lost) => {
  if (lost) return;
  waiting = [];
  watched = null;
  ends.clear();
  connections.clear();
  clear();
});
watch(null);

function take(item) {
  if (item.pieces) {
    if (item.connection !== watched) begin(item.connection);
    watched = item.connection;
    const target = item.pieces.find(({ label }) => label === 'target');
    if (target) aim(item.connection, plain(fromHex(target.hex)));
    item.other = other;
  }
  waiting.push(item);
  if (waiting.length > MOST) left += waiting.splice(0, waiting.length - MOST).length;
  if (paused) showPause();
}

// How a connection ended is said once.
function end(id) {
  const text = ends.get(id);
  ends.set(id, '');
  if (text) take({ kind: 'end', text });
}

// What the next exchange is about.
function aim(id, target) {
  other = !ENDPOINTS.test(target);
  if (!other) connections.carries(id, target);
}

// Where one connection ends and the next begins, the view says so.
function begin(id) {
  other = false;
  if (ends.has(watched)) end(watched);
  waiting.push({ kind: 'begin', begins: true, text: connections.name(id) });
}

setInterval(() => {
  if (paused || waiting.length === 0) return;
  const items = waiting;
  waiting = [];
  if (left) items.unshift({ kind: 'skipped', text: `${left} messages left out: they waited too long` });
  left = 0;
  let batch = [];
  for (const item of items) {
    if (item.begins) {
      stream.add(batch);
      batch = [];
      share.clear();
      stream.part();
    }
    if (item.pieces && !item.other) share.add(item);
    batch.push(item);
  }
  stream.add(batch);
  share.render();
}, STEP);

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

setInterval(() => write($('summary'), $('share').querySelector('.words').textContent), SUMMARY);

// Without a page that asks, there would be no bytes.
const latest = $('live').querySelector('.latest');
const WORDS = {
  sample: ({ sample }) => `#${sample.seq} ${sample.data}`,
  cut: () => 'cut', refused: () => 'refused', stopped: () => 'stopped',
};
$('live').append(await frame(technique, (event) => {
  if (WORDS[event.type]) write(latest, WORDS[event.type](event));
}));
