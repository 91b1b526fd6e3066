// The quiz on the wall: the question and the number of answers; a bar for each answer only with the
// reveal, so that attendees do not follow each other. Below /presenter, with a button, and the keys of a
// clicker, for the next step.
import { el, write } from '/shared/dom.js';
import { devices, invitation, joinAt } from '/workshop/lib/join.js';
import { live } from '/workshop/lib/live.js';
import { whyLost } from '/workshop/lib/lost.js';
import { presenterLine } from '/workshop/lib/presenter-line.js';
import { portHere, setup } from '/workshop/lib/setup.js';
import { stepButton } from '/workshop/quiz/lead.js';
import { hardest, isOver, revealed, total } from '/workshop/quiz/outcomes.js';
import { ROOM, follow, questions } from '/workshop/quiz/results.js';
import { explained } from '/workshop/quiz/see.js';
import { LETTERS, score, sheet, votes } from '/workshop/quiz/sheet.js';

const OUTCOMES_LIMIT = 10; // lines that fit on the wall

const presenter = location.pathname.startsWith('/presenter');
const $ = (id) => document.getElementById(id);
const joining = joinAt(ROOM.slice(1));
const [{ url }, { port }, parts] = await Promise.all([joining, setup, invitation(joining)]);
const hub = `${location.hostname}:${await portHere(port)}`;
// The address for the room: the presenter's pages may have a port of their own.
const room = url ?? `http://${presenter ? hub : location.host}${ROOM}`;
const show = sheet($('answers'));
const step = presenter ? stepButton($('step'), live) : () => {};
$('lead').hidden = !presenter;
$('invitation').append(...parts);
let before; // the question and whether it was revealed, as we showed it last

live.on('room', (room) => write($('room'), devices(room.devices)));
follow(draw, presenter ? presenterLine($('lost'), (yes) => ($('step').disabled = !yes)) : lose);

function lose(lost) {
  $('lost').className = lost ? 'told' : 'unseen';
  $('lost').replaceChildren(...(lost ? ['✕ ', ...whyLost('silent')] : []));
}

function draw(results) {
  const { question, answered } = results;
  $('answers').hidden = !question;
  const over = isOver(results);
  $('outcomes').hidden = !over;
  $('room').hidden = Boolean(question); // one count at a time
  $('invitation').hidden = Boolean(question) || over;
  $('explanation').hidden = !question?.right;
  const now = JSON.stringify([question?.id, question?.right]);
  const turned = now !== before;
  before = now;
  step(results);
  const all = answered.length;
  if (over) return void end(results, turned);
  if (!question) return wait(turned, all);
  const { number, text, counts, right } = question;
  write($('place'), `Question ${number} of ${all}`);
  write($('total'), votes(answered[number - 1]));
  write($('text'), text);
  show({ ...question, counts: right && counts });
  if (turned) $('explanation').replaceChildren(...(right ? explained(question, true) : []));
  if (turned) news(question);
  if (turned) $('how').replaceChildren(...(right
    ? ['Each answer came by WebSocket, and these figures go out as server-sent events.']
    : ['Answer at ', el('b', { className: 'address' }, room)]));
}

// For screen readers: what happened, not each vote.
function news(question) {
  const { number, text, right } = question;
  const letters = right?.map((answer) => LETTERS[answer]).join(', ');
  write($('news'), right ? `The right answer: ${letters}. ${score(question)}`
    : `Question ${number}: ${text}`);
}

// What came of all questions, in one sight.
async function end(results, turned) {
  const list = revealed(results);
  const silent = list.filter(({ answered }) => !answered).length;
  const more = silent ? `; ${silent} more had no answers` : '';
  write($('place'), list.length ? `The hardest first${more}` : '');
  write($('total'), list.length ? total(list) : '');
  write($('text'), 'That was the last question');
  write($('how'), `With all reasons, alone: ${room.replace(ROOM, '/quiz')}`);
  if (turned) write($('news'), 'That was the last question.');
  const all = await questions();
  $('outcomes').replaceChildren(...hardest(list).slice(0, OUTCOMES_LIMIT).map(({ id, answered, correct }) => {
    const bar = el('span', { className: 'bar' });
    bar.style.width = `${(100 * correct) / answered}%`;
    return el('li', {}, el('b', {}, `${correct} of ${answered}`), el('span', { className: 'track' }, bar),
      el('span', { className: 'asked' }, all.find((one) => one.id === id)?.text));
  }));
}

function wait(turned, all) {
  write($('place'), `${all} questions`);
  write($('total'), '');
  // Without --lan there is no code to scan.
  write($('text'), url ? 'Quiz: take part with your phone' : 'Quiz');
  write($('how'), `${url ? '' : `Take part at ${room}. `}The question appears there by itself.`);
  if (turned) write($('news'), 'No question is open.');
}

if (presenter) {
  addEventListener('keydown', (event) => {
    const space = event.key === ' ' && event.target === document.body; // not on a button
    if (!space && !['ArrowRight', 'PageDown'].includes(event.key)) return;
    event.preventDefault();
    $('step').click();
  });
}
