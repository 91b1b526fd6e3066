// The speaker's view: this slide and the next, what to say, what to show, and the time. A slide
// that is turned here is turned in every window that follows.
import { el, write } from '/shared/dom.js';
import { clockTime } from '/shared/format.js';
import { setAgain } from '/workshop/lib/after-restart.js';
import { effectName } from '/workshop/lib/effects.js';
import { browser } from '/workshop/lib/kept.js';
import { live } from '/workshop/lib/live.js';
import { pageName, quotedName } from '/workshop/lib/page-name.js';
import { presenterLine } from '/workshop/lib/presenter-line.js';
import { setup } from '/workshop/lib/setup.js';
import { followed, slideWindows } from '/workshop/lib/whereabouts.js';
import { windowFor } from '/workshop/lib/windows.js';
import { answerWindows, roomSetting } from '/workshop/slides/leading.js';
import { chapterOf, heading, openBeside, slides } from '/workshop/slides/slide.js';
import { TalkClock, ahead, pace } from '/workshop/slides/speaker-clock.js';
import { stops } from '/workshop/slides/order.js';
import { isDemo, needsPage, pageToDo, stepsOf } from '/workshop/slides/speaker-demo.js';
import { notesAt } from '/workshop/slides/speaker-next.js';
import { Path } from '/workshop/slides/speaker-path.js';
import { howItWent } from '/workshop/slides/speaker-went.js';
import { leftAt, resume } from '/workshop/slides/speaker-resume.js';
import { swiping, turning } from '/workshop/slides/turning.js';

const $ = (id) => document.getElementById(id);
// The talk's windows lead to each other by name.
if (window === window.top) window.name = 'speaker';
const talk = $('talk').content;
const all = slides(talk);
for (const slide of all) slide.hidden = false;
const find = (id) => all.find((section) => section.id === id);
const clock = new TalkClock();
const { chapters } = await setup;
const minutes = (key) => Object.fromEntries(chapters.map((chapter) => [chapter.id, chapter[key] ?? 0]));
const PATHS = {
  long: new Path(all, stops('long'), minutes('minutes')),
  short: new Path(all, stops('short'), minutes('short_minutes')),
  day: new Path(all, stops('day'), minutes('day_minutes')),
};

let slide = find(leftAt() ?? clock.present) ?? all[0];
let here; // the page to which everyone was brought
let tellWindows; // announces this slide to the slide windows; undefined until the first `room`
let lost = false; // why there is no connection
let keepTurn = () => {}; // stores a turn that could not be sent

const path = () => PATHS[$('path').value];
const notesOf = ({ id }) => [...talk.querySelectorAll(`[data-of="${id}"] > ul > li`)];
const toShow = (one) => [...notesOf(one).filter(isDemo), ...stepsOf(one)];

function turn(where) {
  const to = path().neighbour(slide, where);
  if (to) turnEveryone(to);
}
function turnEveryone(to) {
  // The talk goes on: nobody is told any more that the presenter is at that page.
  const leaves = to.dataset.chapter !== slide.dataset.chapter;
  if (leaves && here && !/^\/(slides|quiz)/.test(here) && live.send({ release: here })) {
    here = undefined; // until the room says otherwise
  }
  const sent = live.send({ slide: to.id });
  if (sent) askedFor(to.id);
  show(to);
  if (!sent) keepTurn();
  tellWindows?.();
}

function show(to) {
  slide = to;
  clock.turnTo(slide.id);
  const next = path().neighbour(slide, 'next');
  $('now').replaceChildren(preview(slide));
  $('then').replaceChildren(...(next ? [preview(next)] : []));
  $('then').inert = true;
  write($('coming'), coming(next));
  $('deeper').hidden = path().stopsAt(slide);
  $('previous').disabled = !path().neighbour(slide, 'previous');
  $('next').disabled = !next;
  $('jump').value = slide.id;
  const notes = notesAt(all, path(), slide, notesOf, leadOn);
  $('notes').replaceChildren(...toSay(notes.map((note) => (isDemo(note) ? pointer(note) : note))));
  $('notes').parentElement.scrollTop = 0;
  void demo();
  tick();
}

// Where in the order of saying and asking a demo has its place. It is below, with its links.
function pointer(note) {
  const [time] = /\(\d+\ss\)/.exec(note.textContent) ?? [''];
  return el('li', { className: 'soft' }, el('strong', {}, 'Demo:'), ` ${time} below`);
}

// To a chapter that the notes do not lead to: this path leaves out those between.
const leadOn = (to) => el('li', {}, el('strong', {}, 'Next:'), ` ${chapterOf(all, to)}.`);

// What to say, and to ask; further facts when they are wanted.
function toSay(notes) {
  const facts = notes.filter((note) => note.textContent.trim().startsWith('Note'));
  const said = notes.filter((note) => !facts.includes(note));
  if (said.length === 0) return [list(facts, 'Nothing for this slide.')];
  if (facts.length === 0) return [list(said)];
  const count = facts.length === 1 ? '1 further fact' : `${facts.length} further facts`;
  return [list(said), el('details', {}, el('summary', {}, count), list(facts))];
}

// What comes next, and how many slides are below this one.
function coming(next) {
  const count = next ? path().between(slide, next) : all.length - 1 - all.indexOf(slide);
  const below = count === 0 ? '' : ` (↓ ${count} deeper)`;
  if (!next) return `${path().stopsAt(slide) ? 'The end' : 'After the end'}${below}`;
  const part = next.dataset.chapter === slide.dataset.chapter ? '' : `: ${chapterOf(all, next)}`;
  return `Next slide${below}${part}`;
}

// A copy to look at. Its links open beside this window.
function preview(section) {
  const copy = section.cloneNode(true);
  copy.removeAttribute('id');
  openBeside(copy);
  return copy;
}

// As a list of their own: notes, or parts of a slide.
function list(parts, none) {
  if (parts.length === 0) return el('p', { className: 'soft' }, none);
  const items = parts.map((part) => {
    const copy = part.cloneNode(true);
    return copy.matches('li') ? copy : el('li', {}, copy);
  });
  const all = el('ul', {}, ...items);
  openBeside(all); // the talk's windows stay where they are
  return all;
}

// The next thing to show: of this slide, or of one that comes soon in this chapter.
async function demo() {
  const soon = all.slice(all.indexOf(slide)).filter((one) =>
    one === slide || one.dataset.chapter === slide.dataset.chapter && path().stopsAt(one));
  const steps = soon.findIndex((one) => toShow(one).length > 0);
  const parts = steps < 0 ? [] : toShow(soon[steps]);
  write($('when'), steps < 1 ? 'To show' : `To show, ${steps === 1 ? 'next slide' : `in ${steps} slides`}`);
  $('demo').replaceChildren(list(parts, 'Nothing more in this chapter.'));
  $('demo').classList.toggle('later', steps > 0);
  const toDo = steps === 0 ? pageToDo(parts) : undefined;
  $('bring').hidden = !toDo;
  $('bring').value = toDo ?? '';
  if (toDo) write($('bring'), `Bring everyone to ${await quotedName(toDo)}`);
  const { demo: page } = chapters.find(({ id }) => id === slide.dataset.chapter);
  $('page').hidden = !page || !needsPage(parts, page);
  if (!page) return;
  Object.assign($('page'), { href: page, target: windowFor(page) });
  write($('page'), `Open ${await pageName(page)}`);
}

// What a talk that begins in the middle leaves out, in ms.
const leftOut = () => path().before(find(clock.from) ?? all[0]);

// How far ahead of its plan the talk is, in ms.
function aheadNow() {
  return ahead({ begins: path().before(slide) - leftOut(), duration: path().duration(slide),
    onSlide: clock.times[slide.id] ?? 0, spent: clock.spent });
}

function tick() {
  const { chapter } = slide.dataset;
  write($('whole'), clockTime(clock.spent));
  write($('of-whole'), `of ${clockTime(path().total() - leftOut())}`);
  const part = path().total(chapter);
  write($('part'), clockTime(clock.spentOn(chapter)));
  write($('of-part'), `${part ? `of ${clockTime(part)}, ` : ''}${chapterOf(all, slide)}`);
  write($('one'), clockTime(clock.times[slide.id] ?? 0));
  const one = path().duration(slide);
  write($('of-one'), `${one ? `of ${clockTime(one)}, ` : ''}this slide`);
  const ms = aheadNow();
  const started = clock.running || clock.spent > 0;
  write($('pace'), started ? pace(ms) : 'Not started');
  $('pace').classList.toggle('late', started && ms <= -60_000);
  write($('run'), clock.running ? 'Pause clock' : clock.spent > 0 ? 'Resume clock' : 'Start clock');
  $('reset').disabled = clock.running;
}

for (const [value, one] of Object.entries(PATHS)) {
  $('path').append(el('option', { value }, `${Math.round(one.total() / 60_000)} minutes`));
}
$('path').value = PATHS[browser.get('speaker-path')] ? browser.get('speaker-path') : 'long';
$('path').addEventListener('change', () => {
  if (live.send({ path: $('path').value })) askedForPath($('path').value);
  takePath($('path').value);
});
function takePath(name) {
  $('path').value = name;
  browser.set('speaker-path', name);
  nameSlides();
  show(slide);
}
for (const section of all) {
  if (section.matches('.first')) $('jump').append(el('optgroup', { label: heading(section) }));
  $('jump').lastChild.append(el('option', { value: section.id }));
}
// In the list of all slides, those below the path say so.
function nameSlides() {
  for (const option of $('jump').options) {
    const section = find(option.value);
    write(option, `${path().stopsAt(section) ? '' : '↓ '}${heading(section)}`);
  }
}
nameSlides();

// From here on, the room may turn slides.
presenterLine($('line'), () => {}, 'Other windows do not follow this one.');
const askedForPath = roomSetting(live, 'path', (name) => {
  if (name && name !== $('path').value) takePath(name);
  if (!name) live.send({ path: $('path').value }); // the workshop was started again
});
const askedFor = roomSetting(live, 'slide', (id) => {
  const other = find(id);
  if (other && other !== slide) show(other);
  tellWindows ??= answerWindows(turn, () => slide.id, () => lost);
  tellWindows();
});
// What is on at the desk, and would be taken into the next chapter unnoticed.
function forEveryone({ effects, paused }) {
  const on = new Set(effects.filter(({ client }) => client === null).map(({ effect }) => effectName(effect)));
  return [on.size && `On: ${[...on].join(', ')}.`, paused && 'The feed is paused.'].filter(Boolean).join(' ');
}
setAgain(live);
const openSlides = slideWindows();
live.on('lost', (why) => {
  lost = why;
  if (lost) for (const id of ['slide-windows', 'followed', 'on']) write($(id), '');
  tellWindows?.();
});
live.on('room', async (room) => {
  write($('slide-windows'), openSlides(room));
  write($('on'), forEveryone(room));
  here = room.here;
  $('bring-back').hidden = Boolean(here?.startsWith('/slides'));
  write($('followed'), room.here ? await followed(room) : '');
});
// After roomSetting has heard where the room is.
keepTurn = resume(live, () => slide.id, (id) => {
  const to = find(id);
  if (to) turnEveryone(to);
});

$('jump').addEventListener('change', () => {
  turnEveryone(find($('jump').value));
  $('jump').blur(); // the arrows turn slides again
});

for (const button of [$('bring'), $('bring-back')]) {
  button.addEventListener('click', () => live.send({ here: button.value }));
}
$('previous').addEventListener('click', () => turn('previous'));
$('next').addEventListener('click', () => turn('next'));
$('run').addEventListener('click', () => {
  clock.toggle(slide.id);
  tick();
});
$('reset').addEventListener('click', () => {
  clock.reset();
  tick();
});
howItWent(all, path, clock);
turning(turn);
swiping($('now'), turn);
setInterval(tick, 250);
show(slide);
