// The comparison: the five real pages on the same samples, and what each took, as the lens
// counted the bytes of this device and as the pages told of their samples.
import { Clock } from '/shared/clock.js';
import { write } from '/shared/dom.js';
import { now } from '/shared/time.js';
import { Figures } from '/workshop/figures.js';
import { live } from '/workshop/hub.js';
import { Lane, numbers } from '/workshop/lane.js';
import { clock as timeOfDay } from '/workshop/observing.js';
import { TECHNIQUES } from '/workshop/techniques.js';

const SETTLE = 2000; // ms in which pages load what is no part of their technique
const $ = (id) => document.getElementById(id);

const clock = new Clock();
const measure = () => clock.measure(AbortSignal.timeout(10_000)).catch(() => {});
measure();
document.addEventListener('visibilitychange', () => document.hidden || measure());

const lanes = Object.keys(TECHNIQUES).map((technique) => new Lane(technique, clock, changed));
const figures = new Figures($('table'), lanes);
$('lanes').append(...lanes.map(({ element }) => element));
let running = false;
let published = 0; // number of the newest sample, as the hub says
let settled = Infinity; // when counting begins
let missing = new Set(); // lanes of which nothing was seen yet

async function start() {
  running = true;
  missing = new Set(lanes);
  settled = Infinity;
  figures.clear();
  write($('run'), 'Stop');
  write($('caption'), 'The pages load; what that takes is not counted.');
  await Promise.all(lanes.map((lane) => lane.start()));
}

function stop() {
  running = false;
  lanes.forEach((lane) => lane.stop());
  write($('run'), 'Start');
  live.send({ watch: {} });
}

// A lane has got a sample.
function changed(lane) {
  if (missing.delete(lane) && missing.size === 0) {
    settled = now() + SETTLE;
    live.send({ watch: { accounts: true } });
  }
  show();
}

function show() {
  const newest = Math.max(published, ...lanes.map(({ tally }) => tally.newest));
  lanes.forEach((lane) => lane.show(newest));
  numbers($('numbers'), newest);
  write($('newest'), newest ? `#${newest} is the newest` : '');
}

live.on('room', (room) => {
  published = room.newest ?? 0;
  show();
});
live.on('accounts', (accounts) => {
  if (now() < settled || !running) return;
  if (figures.add(accounts)) {
    lanes.forEach((lane) => lane.reset());
    write($('caption'), `Bytes and requests since ${timeOfDay(now())}, of this device with all its `
      + 'tabs. Streams had asked before that. p50 and p99: from publication to arrival.');
  }
});

$('run').addEventListener('click', () => (running ? stop() : start()));
$('reset').addEventListener('click', () => {
  figures.clear();
  measure();
});
$('save').addEventListener('click', () => figures.save());
addEventListener('pagehide', stop);
addEventListener('pageshow', ({ persisted }) => persisted && start());
start();
