// The quiz on the wall: the question, a bar for each answer that grows as they come, and the
// reveal. Below /presenter, with a button, and the keys of a clicker, for the next step.
import { el, write } from '/shared/dom.js';
import { devices, invitation, join, letters } from '/workshop/join.js';
import { live } from '/workshop/live.js';
import { questions, stepButton } from '/workshop/quiz-lead.js';
import { follow } from '/workshop/quiz-results.js';
import { LETTERS, sheet, votes } from '/workshop/quiz-sheet.js';

const presenter = location.pathname.startsWith('/presenter');
const $ = (id) => document.getElementById(id);
const [{ url }, parts] = await Promise.all([join, invitation()]);
const show = sheet($('answers'));
const step = presenter ? stepButton($('step'), live, await questions()) : () => {};
$('lead').hidden = !presenter;
$('invitation').append(...parts);
let before; // the question and whether it was revealed, as we showed it last

live.on('room', (room) => write($('room'), devices(room.devices)));
follow(draw, (lost) => ($('lost').hidden = !lost));

function draw({ question, answered }) {
  $('answers').hidden = !question;
  $('invitation').hidden = Boolean(question);
  $('explanation').hidden = !question?.right;
  const now = JSON.stringify([question?.id, question?.right]);
  const turned = now !== before;
  before = now;
  step(question);
  const all = answered.length;
  if (!question) return wait(turned, all);
  const { number, text, counts, right, explanation } = question;
  const total = counts.reduce((sum, count) => sum + count, 0);
  write($('place'), `Question ${number} of ${all}`);
  write($('total'), votes(total));
  write($('text'), text);
  show(question);
  write($('explanation'), explanation ?? '');
  if (turned) news(question, total);
  const address = `${letters(url ?? location.origin)}/quiz/live`;
  if (turned) $('how').replaceChildren(...(right
    ? ['Answers went up by WebSocket; results came down as server-sent events.']
    : ['Answer at ', el('b', { className: 'address' }, address)]));
}

// For who does not see it: what happened, not each vote.
function news({ number, text, right, counts }, total) {
  const correct = right?.map((answer) => LETTERS[answer]).join(', ');
  const best = right?.reduce((sum, answer) => sum + counts[answer], 0);
  write($('news'), right ? `${correct} is right. ${best} of ${votes(total)} said so.`
    : `Question ${number}: ${text}`);
}

function wait(turned, all) {
  write($('place'), `${all} questions`);
  write($('total'), '');
  write($('text'), 'Quiz: take part with your phone');
  write($('how'), 'Then choose Quiz, With the room. The question appears there by itself.');
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
