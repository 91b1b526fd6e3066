// The quiz alone: one question after the other, each with the right answer and the reason at once.
import { el, write } from '/shared/dom.js';
import { live } from '/workshop/lib/hub.js';
import { tab } from '/workshop/lib/kept.js';
import { ROOM, follow } from '/workshop/quiz/results.js';
import { explained, link } from '/workshop/quiz/see.js';
import { sheet } from '/workshop/quiz/sheet.js';

const KEY = 'quiz-alone'; // stored: the answers, so that a reload loses none
const RELOAD_DELAY = 2000; // ms at most, at random: a room does not reload in one instant

const $ = (id) => document.getElementById(id);
const questions = await fetch('/quiz/questions', { cache: 'no-store' }).then((response) => response.json());
// While the room takes the quiz, only revealed questions come with their right answers.
const busy = questions.some(({ right }) => !right);
const before = tab.read(KEY);
let given = Array.isArray(before) ? before.slice(0, questions.length) : [];
let at = given.length;

const good = (number) => questions[number].right.includes(given[number]);
const score = () => given.filter((_, number) => good(number)).length;
const show = sheet($('answers'), choose);

function choose(answer) {
  given.push(answer);
  tab.save(KEY, given);
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
  $('review').hidden = at < questions.length;
  $('answers').hidden = at >= questions.length;
  if (at >= questions.length) return finish();
  const question = questions[at];
  const answered = at < given.length;
  write($('place'), `Question ${at + 1} of ${questions.length}`);
  write($('text'), question.text);
  show({ ...question, right: answered ? question.right : null, chosen: given[at], open: !answered });
  $('next').hidden = !answered;
  write($('next'), at + 1 < questions.length ? 'Next question' : 'Show your score');
  $('verdict').replaceChildren(...(answered ? [explain(question)] : []));
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

$('next').addEventListener('click', () => {
  if (at >= questions.length) given = [];
  at = given.length;
  tab.save(KEY, given);
  draw();
  scrollTo(0, 0);
  $('text').focus();
});

// Until no question is on, and the room is not brought to the quiz, or no longer.
function wait() {
  write($('text'), 'The room is taking the quiz now');
  $('verdict').append(el('p', {}, 'This page tells at once what is right, and the room is still to answer. ',
    'So it waits until the presenter closes the last question and lets everyone browse freely. ',
    el('a', { href: ROOM }, 'Answer with the room')));
  let question; // that is on, or null; nothing until we know
  let here;
  const reloadWhenOver = () => {
    if (question !== null || here === undefined || here === ROOM) return;
    setTimeout(() => location.reload(), RELOAD_DELAY * Math.random());
  };
  follow((results) => {
    ({ question } = results);
    reloadWhenOver();
  }, () => {});
  live.on('room', (room) => {
    ({ here } = room);
    reloadWhenOver();
  });
}

if (busy) wait();
else draw();
