// The quiz alone: one question after the other, each with the right answer and the reason at once.
import { el, write } from '/shared/dom.js';
import { live } from '/workshop/lib/hub.js';
import { tab } from '/workshop/lib/kept.js';
import { ROOM, follow } from '/workshop/quiz/results.js';
import { explained, link } from '/workshop/quiz/see.js';
import { sheet } from '/workshop/quiz/sheet.js';

const KEY = 'quiz-alone'; // stored: which questions, and the answers, so that a reload loses none
const RELOAD_DELAY = 2000; // ms at most, at random: a room does not reload in one instant

const $ = (id) => document.getElementById(id);
const bank = await fetch('/quiz/questions', { cache: 'no-store' }).then((response) => response.json());
// While the room takes the quiz, only revealed questions come with their right answers.
let busy = bank.some(({ right }) => !right);
let path; // of a talk, which asks ten of them, or `all`
let questions = []; // that are asked; none until a path is chosen
let given = [];
let at = 0;

const good = (number) => questions[number].right.includes(given[number]);
const score = () => given.filter((_, number) => good(number)).length;
const show = sheet($('answers'), choose);
const save = () => tab.save(KEY, { path, given });

// The questions of a path, and the answers that were given to the first of them.
function take(chosen, answers = []) {
  path = chosen;
  questions = bank.filter(({ paths }) => path === 'all' || paths.includes(path));
  given = answers.slice(0, questions.length);
  at = given.length;
}

function choose(answer) {
  given.push(answer);
  save();
  draw();
  $('next').focus();
}

function draw() {
  $('strip').replaceChildren(...questions.map((_, number) => {
    const known = number < given.length;
    const item = el('li', {}, !known ? '' : good(number) ? '✓' : '✕');
    item.classList.toggle('done', known);
    item.classList.toggle('good', known && good(number));
    item.classList.toggle('now', number === at);
    return item;
  }));
  const isOver = questions.length > 0 && at >= questions.length;
  $('paths').hidden = questions.length > 0;
  $('others').hidden = !questions.length;
  $('review').hidden = !isOver;
  $('answers').hidden = isOver || !questions.length;
  if (!questions.length) return offer();
  if (isOver) return finish();
  const question = questions[at];
  const answered = at < given.length;
  write($('place'), `Question ${at + 1} of ${questions.length}`);
  write($('text'), question.text);
  show({ ...question, right: answered ? question.right : null, chosen: given[at], open: !answered });
  $('next').hidden = !answered;
  write($('next'), at + 1 < questions.length ? 'Next question' : 'Show your score');
  $('verdict').replaceChildren(...(answered ? [explain(question)] : []));
}

function offer() {
  write($('place'), '');
  write($('text'), 'Which questions?');
  write($('all'), `All ${bank.length} questions, chapter by chapter`);
  $('next').hidden = true;
  $('verdict').replaceChildren();
  $('review').replaceChildren();
}

function explain(question) {
  return el('div', { className: 'why' },
    el('p', {}, el('b', {}, good(at) ? '✓ Right. ' : '✕ Not that one. '), ...explained(question)));
}

function finish() {
  write($('place'), 'That was the last one');
  write($('text'), `${score()} of ${questions.length} right`);
  write($('next'), 'Take the quiz again');
  $('next').hidden = false;
  $('verdict').replaceChildren();
  $('review').replaceChildren(...questions.map(({ text, page }, number) => el('li', {},
    el('b', {}, good(number) ? '✓ ' : '✕ '), text, ' ', link(page))));
}

function begin() {
  save();
  draw();
  scrollTo(0, 0);
  $('text').focus();
}

$('next').addEventListener('click', () => {
  if (at >= questions.length) given = [];
  at = given.length;
  begin();
});

$('others').addEventListener('click', () => {
  take(null);
  begin();
});

for (const button of document.querySelectorAll('[data-path]')) {
  button.addEventListener('click', () => {
    take(button.dataset.path);
    begin();
  });
}

function wait() {
  busy = true;
  for (const id of ['strip', 'paths', 'others', 'answers', 'next', 'review']) $(id).hidden = true;
  write($('place'), '');
  write($('text'), 'The room is taking the quiz now');
  $('verdict').replaceChildren(el('p', {}, 'This page tells at once what is right, and the room is still to answer. ',
    'So it waits until the quiz is over, or no question is on and everyone may browse freely. ',
    el('a', { href: ROOM }, 'Answer with the room')));
}

// The wait begins when a question is opened, or everyone is brought to the quiz and there are questions
// to ask. A reload ends it when no question is on, and nobody is brought there any more or all were
// revealed. The answers are kept.
function waitForTheRoom() {
  let results; // nothing until we know
  let here;
  let timer;
  const look = () => {
    if (!results || here === undefined) return;
    const { question, outcomes } = results;
    const next = here === ROOM && !outcomes.every(Boolean);
    const begins = question ? !question.right : next;
    const ends = !question && !next;
    if (!busy && begins) wait();
    else if (busy && ends) timer ??= setTimeout(() => location.reload(), RELOAD_DELAY * Math.random());
  };
  follow((newest) => {
    results = newest;
    look();
  }, () => {});
  live.on('room', (room) => {
    ({ here } = room);
    look();
  });
}

waitForTheRoom();
if (busy) wait();
else {
  const before = tab.read(KEY);
  take(before?.path, Array.isArray(before?.given) ? before.given : []);
  draw();
}
