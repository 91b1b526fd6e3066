// More than one server: which of them each technique of this browser is at, what happens to the
// samples when one is killed, and the presenter's buttons for that.
import { Clock } from '/shared/clock.js';
import { el, write } from '/shared/dom.js';
import { ParentReporter } from '/shared/parent-reporter.js';
import { now } from '/shared/time.js';
import { TITLES } from '/shared/titles.js';
import { Lane, recent } from '/lane.js';
import { Members } from '/members.js';

const CLOCK_TIMEOUT = 10_000; // ms
const REPORT_INTERVAL = 1000; // ms
const RESTART = 'A restart: the broker came back without its samples and counts from 1 again; every client was told.';
const $ = (id) => document.getElementById(id);

const clock = new Clock();
void clock.measure(AbortSignal.timeout(CLOCK_TIMEOUT)).catch(() => {});
const { ports, presenter } = await (await fetch('/cluster')).json();

const lanes = Object.keys(TITLES).map((technique) => new Lane(technique, ports[technique], clock, show));
$('lanes').append(...lanes.map(({ element }) => element));
$('numbers').append(...recent(0).map(() => el('li')));
const members = new Members($('members'), $('problem'), presenter);

const parent = new ParentReporter();

function show() {
  const newest = Math.max(...lanes.map(({ tally }) => tally.newest));
  recent(newest).forEach((number, place) =>
    write($('numbers').children[place], number > 0 ? `${number}`.slice(-3) : ''));
  for (const lane of lanes) lane.show(newest);
  write($('restart'), lanes.some(({ restarts }) => restarts > 0) ? RESTART : '');
  members.at(lanes);
}

// To a page around this one: which servers are dead, and how the lanes are.
function report() {
  parent.add({ type: 'cluster', time: now(), dead: members.dead, lanes: lanes.map((lane) => lane.report) });
}

// The browser reconnects by itself when this program was restarted.
const events = new EventSource('/events');
events.onmessage = ({ data }) => {
  members.show(JSON.parse(data));
  report();
};
events.onerror = () => members.lost();
setInterval(report, REPORT_INTERVAL);
addEventListener('pagehide', () => lanes.forEach((lane) => lane.stop()));
addEventListener('pageshow', () => lanes.forEach((lane) => lane.start()));
lanes.forEach((lane) => lane.start());
