// The comparison: the five live pages on the same samples, and what each of them cost: the bytes of
// this device as the lens counted them, and the samples as the pages report them.
import { Clock } from '/shared/clock.js';
import { write } from '/shared/dom.js';
import { timeOfDay } from '/shared/format.js';
import { now } from '/shared/time.js';
import { runAlone } from '/workshop/compare/alone.js';
import { Figures } from '/workshop/compare/figures.js';
import { Lane, numbers } from '/workshop/compare/lane.js';
import { live } from '/workshop/lib/hub.js';
import { TECHNIQUES } from '/workshop/lib/techniques.js';

const CLOCK_TIMEOUT = 10_000; // ms
const $ = (id) => document.getElementById(id);

const clock = new Clock();
const measure = () => void clock.measure(AbortSignal.timeout(CLOCK_TIMEOUT)).catch(() => {});
measure();
document.addEventListener('visibilitychange', () => document.hidden || measure());

const lanes = Object.keys(TECHNIQUES).map((technique) => new Lane(technique, clock, show));
const figures = new Figures($('table'), lanes);
$('lanes').append(...lanes.map(({ element }) => element));
runAlone($('alone'), $('others'), clock);
let running = false;
let published = 0; // number of the newest sample, as the hub says
let since; // the time of day at which counting began
let wasLost = false; // the connection to the hub, since the latest accounts

// Counting begins with the next accounts. The pages are opened after them, so that their first
// request is counted. `because` says why they begin again, where nobody asked for it here.
function start(because = '') {
  stop();
  running = true;
  figures.clear();
  write($('run'), 'Stop counting');
  write($('why'), because);
  write($('what'), 'Counting begins …');
  live.send({ watch: { accounts: true } });
}

function stop() {
  running = false;
  lanes.forEach((lane) => lane.stop());
  write($('run'), 'Start counting');
  live.send({ watch: {} });
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
live.on('lost', (lost) => (wasLost ||= Boolean(lost)));
live.on('accounts', (accounts) => {
  const restarted = wasLost;
  wasLost = false;
  if (!running) return;
  if (figures.beganAgain(accounts)) {
    return start(restarted ? 'The server restarted.' : 'The presenter reset the counters.');
  }
  if (figures.add(accounts)) {
    lanes.forEach((lane) => lane.start());
    since = timeOfDay(now());
  }
  write($('what'), `What this device asked for and got since ${since}, as on the wire. SSE `
    + `includes the weather. p50 and p99: from publication to arrival, of the newest 2000 samples.${figures.unheard()}`);
});

$('run').addEventListener('click', () => (running ? stop() : start()));
$('reset').addEventListener('click', () => {
  measure();
  start();
});
$('save').addEventListener('click', () => figures.save());
addEventListener('pagehide', stop);
addEventListener('pageshow', ({ persisted }) => persisted && start());
start();
