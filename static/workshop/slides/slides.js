// The slides of all chapters. A page without a fragment follows the speaker. A page that was
// turned alone has its slide in the address, says so, and offers to follow again.
import { el, mark, write } from '/shared/dom.js';
import { follow } from '/workshop/lib/follow.js';
import { behindHash } from '/workshop/lib/hash.js';
import { live } from '/workshop/lib/live.js';
import { badge } from '/workshop/lib/techniques.js';
import { askSpeaker, roomSetting } from '/workshop/slides/leading.js';
import { neighbour, position, stops } from '/workshop/slides/order.js';
import { chapterOf, heading, slides } from '/workshop/slides/slide.js';
import { swiping, turning } from '/workshop/slides/turning.js';

const LEFT = 'M14 1 5 10l9 9 2-2-7-7 7-7z';
const RIGHT = 'M6 1 4 3l7 7-7 7 2 2 9-9z';
const FULL = 'M1 1h7v3H4v4H1zm11 0h7v7h-3V4h-4zM1 12h3v4h4v3H1zm15 0h3v7h-7v-3h4z';

const $ = (id) => document.getElementById(id);
const all = slides($('stage'));
const find = (id) => all.findIndex((slide) => slide.id === id);
const fragment = () => find(behindHash());

let path = 'long'; // of the talk, until the speaker chooses another
let stopsAt = stops(path);
let at = 0;
let roomAt = -1;
let turnedAlone = fragment() >= 0;
let aloneUntilAnswered = false; // no speaker's view answered: follows the next one that does

function show(index) {
  all[at].hidden = true;
  at = index;
  const slide = all[at];
  slide.hidden = false;
  scrollTo(0, 0);
  const { technique } = slide.dataset;
  document.documentElement.dataset.technique = technique;
  const chapter = chapterOf(all, slide);
  $('chapter').replaceChildren(technique ? badge(technique) : chapter);
  const { number, depth, deeper } = position(all, stopsAt, slide);
  const count = all.filter(stopsAt).length;
  write($('number'), depth ? `${number} ↓ ${depth}` : `${number} / ${count}`);
  const where = depth ? `Below slide ${number}, ${depth} deep` : `Slide ${number} of ${count}`;
  write($('said'), `${where}: ${heading(slide)}`);
  $('progress').max = count - 1;
  $('progress').value = number - 1;
  for (const way of ['previous', 'next', 'down', 'up']) {
    $(way).disabled = !neighbour(all, stopsAt, slide, way);
  }
  write($('down'), deeper ? `↓ ${deeper}` : '↓');
  $('down').ariaLabel = deeper ? `Deeper: ${deeper} more below` : 'Nothing deeper';
  document.title = [...new Set([heading(slide), chapter, 'Realtime Workshop'])].join(' · ');
  offer();
}
function offer() {
  alone.hidden = !turnedAlone;
  back.hidden = !turnedAlone || roomAt < 0;
}

// The talk stops at other slides from now on.
function takePath(chosen) {
  path = chosen;
  stopsAt = stops(path);
  show(at);
}

// The room is at a slide, or at none.
function followRoom(slide) {
  roomAt = find(slide);
  if (!turnedAlone && roomAt >= 0 && roomAt !== at) show(roomAt);
  else offer();
}
function followAgain() {
  turnedAlone = aloneUntilAnswered = false;
  address(location.pathname);
}
// To where the room is, or will be.
function goBack() {
  followAgain();
  show(roomAt < 0 ? at : roomAt);
}
function turn(where) {
  if (turnedAlone && !aloneUntilAnswered) turnAlone(where);
  else ask(where);
}
function turnAlone(where) {
  const to = neighbour(all, stopsAt, all[at], where);
  if (to) showAlone(all.indexOf(to));
}
function showAlone(index) {
  turnedAlone = true;
  show(index);
  address(`#${all[index].id}`);
}

const ADDRESS_DELAY = 100; // ms, longer than between two repeats of a key
// A key that is held turns more slides a second than a browser takes new addresses (Chromium:
// 200 in 10 s), so the address is written once, after the last of them.
let turned;
function address(url) {
  clearTimeout(turned);
  turned = setTimeout(() => history.replaceState(null, '', url), ADDRESS_DELAY);
}

const back = el('button', { hidden: true }, 'Follow the speaker');
back.addEventListener('click', goBack);
const alone = el('span', { hidden: true }, 'This window alone');
const lost = el('span', { hidden: true });
// Everyone is brought to the slides: also those who turned them alone.
const elsewhere = el('span', {}, follow(live, () => turnedAlone && goBack()));
$('following').append(lost, elsewhere, alone, back);

let away = false; // the presenter is at another page: the slides need no notice that it is the slides
const losses = { own: undefined, speaker: undefined };
// Which connection is lost: without this window's, nobody knows where the presenter is; without the
// speaker's, it turns this window, and not the room.
function showLost(news) {
  const { own, speaker } = Object.assign(losses, news);
  write(lost, own ? '✕ Not connected' : speaker ? '✕ Nobody follows: see the speaker’s view' : '');
  lost.hidden = !own && !speaker;
  elsewhere.hidden = Boolean(own) || !away;
}

// In the speaker's own browser, turning a slide here turns it for everyone.
const askedFor = roomSetting(live, 'slide', followRoom);
const ask = askSpeaker((slide, why) => {
  showLost({ speaker: why });
  askedFor(slide);
  if (aloneUntilAnswered) followAgain();
  followRoom(slide);
}, (where) => {
  showLost({ speaker: false });
  aloneUntilAnswered = true;
  turnAlone(where);
});

let closings; // how often the slides had been closed, by the latest message
live.on('lost', (own) => showLost({ own }));
live.on('room', (room) => {
  if (room.path && room.path !== path) takePath(room.path);
  const closed = room.slides_closed > closings;
  closings = room.slides_closed;
  // A window that was turned by hand stays.
  if (closed && (!turnedAlone || aloneUntilAnswered)) location.assign('/');
  away = Boolean(room.here) && !room.here.startsWith('/slides');
  showLost({});
});

const full = () =>
  (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
const help = () => $('help').showModal();
turning(turn, { f: full, '?': help });
swiping($('stage'), turn);
for (const [id, shape, action] of [['previous', LEFT, () => turn('previous')],
  ['next', RIGHT, () => turn('next')], ['full', FULL, full]]) {
  $(id).append(mark(shape));
  $(id).addEventListener('click', action);
}
for (const way of ['down', 'up']) $(way).addEventListener('click', () => turn(way));
$('help-button').addEventListener('click', help);
addEventListener('hashchange', () => {
  aloneUntilAnswered = false;
  if (fragment() >= 0) showAlone(fragment());
});

show(Math.max(0, fragment()));
