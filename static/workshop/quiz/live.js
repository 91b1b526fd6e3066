// The quiz with the room, for attendees: waits for the presenter's question, takes one
// answer, and shows what is right when the presenter reveals it.
import { el, write } from '/shared/dom.js';
import { now } from '/shared/time.js';
import '/workshop/lib/hub.js';
import { Ballot } from '/workshop/quiz/ballot.js';
import { isOver, revealed } from '/workshop/quiz/outcomes.js';
import { follow, questions } from '/workshop/quiz/results.js';
import { explained } from '/workshop/quiz/see.js';
import { LETTERS, score, sheet, votes } from '/workshop/quiz/sheet.js';

const READING_TIME = 3000; // ms: a right answer that was shown for less was not seen

const $ = (id) => document.getElementById(id);
let question; // that is on, or null; nothing until we know
let run; // of the tally
let all; // how many questions there are
let newest; // the results
let open = false; // the event stream
let events = 0;
let missed = ''; // a sentence about a question whose right answer was not shown here
let revealedAt; // when the right answer to the present question came

const ballot = new Ballot(draw, (since) => lookAgain(since));
const show = sheet($('answers'), (answer) => ballot.give(question.id, answer));
const lookAgain = follow((results) => {
  const unread = !question?.right || now() - revealedAt < READING_TIME;
  const before = results.run === run && unread ? question : null;
  const turned = question === undefined || question?.id !== results.question?.id;
  ({ question, run } = newest = results);
  all = results.answered.length;
  events++;
  if (turned || !question?.right) revealedAt = undefined;
  if (question?.right) revealedAt ??= now();
  ballot.see(results);
  if (turned) missed = closed(results.unrevealed ?? before);
  draw();
}, (lost) => {
  open = !lost;
  draw();
});

function draw() {
  write($('up'), `WebSocket: ${ballot.connected ? 'open' : 'connecting'}, ${votes(ballot.sent)} sent`);
  write($('down'), `Server-sent events: ${open ? 'open' : 'connecting'}, ${events} received`);
  if (question === undefined) return;
  $('answers').hidden = !question;
  $('why').hidden = !question?.right;
  $('review').hidden = Boolean(question) || !isOver(newest);
  if (!question) return wait();
  const mine = ballot.to(question.id);
  const { number, text, right, counts } = question;
  write($('place'), `Question ${number} of ${all} · ${votes(total())}`);
  write($('text'), text);
  show({ ...question, chosen: mine.answer, counts: right && counts,
    open: !right && (mine.answer === undefined || mine.error) });
  write($('say'), right ? verdict(mine) : state(mine));
  write($('news'), right ? '' : `Question ${number}: ${text}`);
  if (right) $('explanation').replaceChildren(...explained(question));
}

function wait() {
  write($('place'), '');
  const over = isOver(newest);
  if (over) void review();
  write($('text'), over ? 'That was the last question' : 'Quiz with the room');
  const inReview = over && !newest.unrevealed; // the list below has it
  write($('say'), (inReview ? '' : missed) + (over ? ownScore() : 'The next question appears here when the presenter opens it.'));
  write($('news'), '');
}

// How many of those that were revealed this browser had right.
function ownScore() {
  const list = revealed(newest);
  const right = list.filter(({ id, right }) => ballot.to(id).counted && right.includes(ballot.to(id).answer));
  return list.length ? `You had ${right.length} of ${list.length} right.` : '';
}

// What was right, of each that was revealed, and what this browser chose instead.
async function review() {
  const bank = await questions();
  const list = revealed(newest);
  // Of somebody who only watches, that is not said.
  const unanswered = list.some(({ id }) => ballot.to(id).counted) ? 'not answered: ' : '';
  $('review').replaceChildren(...list.map(({ id, number, right }) => {
    const { text, answers } = bank.find((one) => one.id === id);
    const { answer, counted } = ballot.to(id);
    const late = answer === undefined ? unanswered : 'too late: ';
    const mine = !counted ? late : right.includes(answer) ? '✓ ' : '✕ ';
    const words = (places) => places.map((place) => `${LETTERS[place]}: ${answers[place]}`).join(' ');
    const instead = answer === undefined || right.includes(answer) ? '' : `; you chose ${words([answer])}`;
    return el('li', { value: number }, el('b', {}, mine), text, ' ', el('b', {}, words(right)), instead);
  }));
}

// About a question that is no longer on, and whose right answer was not shown here: the one that this
// page showed, or one of before it was opened.
function closed(gone) {
  if (!gone) return '';
  const { answer, counted } = ballot.to(gone.id);
  const late = answer === undefined || counted ? '' : ' Your answer came too late.';
  const right = newest.outcomes[gone.number - 1]?.right;
  if (right) {
    const letters = right.map((place) => LETTERS[place]).join(', ');
    return `Question ${gone.number} is over: ${letters} was right.${counted ? ` You chose ${LETTERS[answer]}.` : late} `;
  }
  const kept = counted ? ` Your answer ${LETTERS[answer]} is kept, and counts if the question is opened again.` : late;
  return `Question ${gone.number} was closed before the right answer was shown.${kept} `;
}

function state({ answer, counted, error }) {
  if (error) return `Not counted: ${error}.`;
  if (answer === undefined) return `${missed}Choose one. Your first answer counts.`;
  if (counted) return `✓ Your answer is in: ${LETTERS[answer]}. The presenter reveals what is right.`;
  return ballot.connected ? 'Sending your answer …'
    : 'No connection. Your answer is sent as soon as there is one.';
}

function verdict({ answer, counted }) {
  const all = score(question);
  if (counted) return question.right.includes(answer) ? `✓ You were right. ${all}` : `✕ Not that one. ${all}`;
  const room = total() ? `In the room: ${all}` : all;
  if (answer !== undefined) return `Your answer came too late. ${room}`;
  return total() ? `You did not answer. ${room}` : room;
}

function total() {
  return question.counts.reduce((sum, count) => sum + count, 0);
}
