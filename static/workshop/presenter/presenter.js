// The presenter's page: the desk, the feed and the room. Everything here can be undone, so no
// button asks for confirmation.
import { el, write } from '/shared/dom.js';
import { duration } from '/shared/format.js';
import { TITLES } from '/shared/titles.js';
import { setAgain } from '/workshop/lib/after-restart.js';
import { live } from '/workshop/lib/hub.js';
import { pageName } from '/workshop/lib/page-name.js';
import { presenterLine } from '/workshop/lib/presenter-line.js';
import { setup } from '/workshop/lib/setup.js';
import { followed, slideWindows, windowsAt } from '/workshop/lib/whereabouts.js';
import { desk } from '/workshop/presenter/desk.js';
import { clients } from '/workshop/presenter/room.js';

const SAMPLE_INTERVALS = [100, 200, 500, 1000, 2000, 3000, 5000]; // ms between samples, on average

const $ = (id) => document.getElementById(id);
const press = (id, message) => $(id).addEventListener('click', () => live.send(message()));
let room;
let brought; // the number of the latest invitation

desk();
clients();

presenterLine($('line'), (yes) => {
  $('desk').disabled = !yes;
  $('side').disabled = !yes;
});

setAgain(live);
// Nobody knows then where the windows are.
live.on('lost', (lost) => lost && ['here', 'talk-windows'].forEach((id) => write($(id), '')));

press('paused', () => ({ feed: { paused: !room.paused } }));
press('one', () => ({ feed: { publish: 1 } }));
press('burst', () => ({ feed: { publish: 100 } }));
const rhythm = $('every');
const showRhythm = () => {
  const ms = SAMPLE_INTERVALS[rhythm.valueAsNumber];
  const words = duration(ms);
  write(rhythm.nextElementSibling, words);
  rhythm.ariaValueText = words;
};
rhythm.addEventListener('input', showRhythm);
rhythm.addEventListener('change', () => live.send({ feed: { every: SAMPLE_INTERVALS[rhythm.valueAsNumber] } }));

press('allow', () => ({ allow: !room.allowed }));
press('reset', () => ({ reset: true }));
press('bring', () => ({ here: $('page').value }));
press('release', () => ({ release: room.here }));
press('no-slide', () => ({ slide: null }));
const slides = slideWindows();
// The talk's windows lead to each other by name, and so to this one.
if (window === window.top) window.name = 'desk';
// The key is behind `#` where the terminal's address was opened again.
if (location.hash) history.replaceState(null, '', location.pathname);
// In this tab, it loads no page: after a restart, the key is a new one.
addEventListener('hashchange', () => location.reload());

const { chapters } = await setup;
const option = (value, text) => el('option', { value }, text);
const group = (label, ...options) => el('optgroup', { label }, ...options);
$('page').append(
  option('/', 'the agenda'),
  group('Chapters', ...chapters.map(({ id, title }) => option(`/chapter/${id}`, title))),
  group('Wire', ...Object.entries(TITLES)
    .map(([name, title]) => option(`/wire/${name}`, `Wire: ${title}`))),
  option('/slides', 'the slides'), option('/compare', 'the comparison'), option('/gallery', 'the gallery'), option('/source', 'the source'),
  option('/quiz/live', 'the quiz'));

async function showHere() {
  const shown = room;
  const words = shown.here ? await followed(shown) : 'None: everyone browses freely.';
  if (shown === room) write($('here'), words);
}

// The list is at the page that everyone was brought to, by whichever window. What is chosen
// after that stays, until everyone is brought somewhere again.
async function listHere({ here, brought: latest }) {
  const called = latest !== brought;
  brought = latest;
  if (!here || !called) return;
  if (![...$('page').options].some(({ value }) => value === here)) {
    $('page').append(option(here, await pageName(here)));
  }
  $('page').value = here;
}

live.on('room', (latest) => {
  room = latest;
  write($('newest'), `newest #${room.newest}${room.paused ? ', paused' : ''}`);
  write($('paused'), room.paused ? '▶ Resume the feed' : '‖ Pause the feed');
  $('allow').ariaPressed = String(room.allowed);
  $('release').disabled = !room.here;
  const at = windowsAt(latest);
  $('no-slide').disabled = !room.slide && !at.get('/slides');
  const speaker = at.get('/presenter/speaker') ? 'open' : 'not open';
  write($('talk-windows'), `${slides(latest)} Speaker’s view: ${speaker}.`);
  void showHere();
  void listHere(latest);
  if (document.activeElement === rhythm) return;
  const near = SAMPLE_INTERVALS.map((ms) => Math.abs(Math.log(ms / room.every)));
  rhythm.value = String(near.indexOf(Math.min(...near)));
  showRhythm();
});
