// The speaker's view: this slide and the next, what to say, what to show, and the time. To
// turn a slide here turns it in every window that follows.
import { el, write } from '/shared/dom.js';
import { browser } from '/workshop/kept.js';
import { answerWindows, roomSlide } from '/workshop/leading.js';
import { live } from '/workshop/live.js';
import { presenterLine } from '/workshop/presenter-line.js';
import { setup } from '/workshop/setup.js';
import { chapterOf, heading, slides } from '/workshop/slide.js';
import { TalkClock, ahead, clockTime, pace } from '/workshop/speaker-clock.js';
import { leftAt, resume } from '/workshop/speaker-resume.js';
import { swiping, turning } from '/workshop/turning.js';

const $ = (id) => document.getElementById(id);
const talk = $('talk').content;
const all = slides(talk);
for (const slide of all) slide.hidden = false;
const find = (id) => all.find((section) => section.id === id);
const clock = new TalkClock();
const { chapters } = await setup;
const PATHS = { long: 'minutes', short: 'short_minutes' };

// The talk's windows lead to each other by name.
if (window === window.top) window.name = 'speaker';
let slide = find(leftAt()) ?? all[0];
let tellWindows; // of the present slide; not before we know where the room is
let keepTurn = () => {}; // that was not sent

// The chapters of the chosen path, and their slides.
const plan = () => {
  const key = PATHS[$('path').value];
  return chapters.filter((chapter) => chapter[key])
    .map((chapter) => ({ id: chapter.id, ms: 60_000 * chapter[key] }));
};
const inPlan = () => {
  const ids = new Set(plan().map(({ id }) => id));
  return all.filter(({ dataset: { chapter } }) => ids.has(chapter));
};
const notesOf = ({ id }) => [...talk.querySelectorAll(`[data-of="${id}"] > ul > li`)];
const isDemo = (note) => note.textContent.trim().startsWith('Demo');

// Beyond a slide of the path, also from one that is not in it.
function neighbour(where) {
  const path = inPlan();
  if (where === 'first') return path[0];
  if (where === 'last') return path.at(-1);
  const here = all.indexOf(slide);
  const after = path.filter((other) => all.indexOf(other) > here);
  const before = path.filter((other) => all.indexOf(other) < here);
  return where === 'next' ? after[0] : before.at(-1);
}

function turn(where) {
  const to = neighbour(where);
  if (to) lead(to);
}
function lead(to) {
  const sent = live.send({ slide: to.id });
  if (sent) askedFor(to.id);
  show(to);
  if (!sent) keepTurn();
  tellWindows?.();
}

function show(to) {
  slide = to;
  const { chapter } = slide.dataset;
  clock.turnTo(chapter);
  const next = neighbour('next');
  $('now').replaceChildren(preview(slide));
  $('then').replaceChildren(...(next ? [preview(next)] : []));
  const part = next && next.dataset.chapter !== chapter;
  write($('coming'), !next ? 'The end' : part ? `Then: ${chapterOf(all, next)}` : 'Then');
  $('previous').disabled = !neighbour('previous');
  $('next').disabled = !next;
  $('jump').value = slide.id;
  const notes = notesOf(slide).filter((note) => !isDemo(note));
  $('notes').replaceChildren(...list(notes, 'Nothing for this slide.'));
  $('notes').parentElement.scrollTop = 0;
  demo();
  tick();
}

// A copy to look at: what is pressed in it would only get in the way.
function preview(section) {
  const copy = section.cloneNode(true);
  copy.removeAttribute('id');
  copy.inert = true;
  return copy;
}

function list(notes, none) {
  if (notes.length === 0) return [el('p', { className: 'soft' }, none)];
  const items = notes.map((note) => note.cloneNode(true));
  // The talk's windows stay where they are.
  for (const link of items.flatMap((item) => [...item.querySelectorAll('a')])) link.target = 'demo';
  return [el('ul', {}, ...items)];
}

// The next thing to show: of this slide, or of one that comes soon in this chapter.
function demo() {
  const path = inPlan().filter((one) => one === slide
    || one.dataset.chapter === slide.dataset.chapter && all.indexOf(one) > all.indexOf(slide));
  const steps = path.findIndex((one) => notesOf(one).some(isDemo));
  const notes = steps < 0 ? [] : notesOf(path[steps]).filter(isDemo);
  write($('when'), steps < 1 ? 'To show' : `To show, ${steps === 1 ? 'next slide' : `in ${steps} slides`}`);
  $('demo').replaceChildren(...list(notes, 'Nothing more in this chapter.'));
  $('demo').classList.toggle('later', steps > 0);
  const { demo: page } = chapters.find(({ id }) => id === slide.dataset.chapter);
  $('page').hidden = !page;
  $('page').href = page;
  write($('page'), `Open ${page === '/' ? 'the agenda' : page}`);
}

function tick() {
  const { chapter } = slide.dataset;
  const path = plan();
  const whole = path.reduce((sum, { ms }) => sum + ms, 0);
  const part = path.find(({ id }) => id === chapter);
  write($('whole'), clockTime(clock.spent));
  write($('of-whole'), `of ${clockTime(whole)}`);
  write($('part'), clockTime(clock.spentOn(chapter)));
  write($('of-part'), `${part ? `of ${clockTime(part.ms)}, ` : ''}${chapterOf(all, slide)}`);
  const mates = inPlan().filter((one) => one.dataset.chapter === chapter);
  const share = 1 / Math.max(1, mates.length);
  const ms = ahead(path, chapter, mates.indexOf(slide) * share, share, clock.spent);
  const started = clock.running || clock.spent > 0;
  write($('pace'), !started ? 'Not started' : ms === null ? 'Not in this path' : pace(ms));
  $('pace').classList.toggle('late', started && ms !== null && ms <= -60_000);
  write($('run'), clock.running ? 'Pause' : clock.spent > 0 ? 'Resume' : 'Start');
  $('reset').disabled = clock.running;
}

presenterLine($('line'), () => {}, 'Slides turn here alone.');
const askedFor = roomSlide(live, (id) => {
  const other = find(id);
  if (other && other !== slide) show(other);
  tellWindows ??= answerWindows(turn, () => slide.id);
  tellWindows();
});
// After roomSlide has heard where the room is.
keepTurn = resume(live, () => slide.id, (id) => {
  const to = find(id);
  if (to) lead(to);
});

for (const [name, key] of Object.entries(PATHS)) {
  const minutes = chapters.reduce((sum, chapter) => sum + (chapter[key] ?? 0), 0);
  $('path').append(el('option', { value: name }, `${minutes} minutes`));
}
$('path').value = browser.get('speaker-path') ?? 'long';
$('path').addEventListener('change', () => {
  browser.set('speaker-path', $('path').value);
  show(slide);
});
for (const section of all) {
  const option = el('option', { value: section.id }, heading(section));
  if (section.matches('.first')) $('jump').append(el('optgroup', { label: heading(section) }));
  $('jump').lastChild.append(option);
}
$('jump').addEventListener('change', () => {
  lead(find($('jump').value));
  $('jump').blur(); // the arrows turn slides again
});

$('previous').addEventListener('click', () => turn('previous'));
$('next').addEventListener('click', () => turn('next'));
$('run').addEventListener('click', () => {
  clock.toggle();
  tick();
});
$('reset').addEventListener('click', () => {
  clock.reset();
  turn('first');
});
turning(turn);
swiping($('now'), turn);
setInterval(tick, 250);
show(slide);
