// The presenter's quiz: one button takes the usual next step; any other question is selected, and
// then opened by a button of its own.
import { el, write } from '/shared/dom.js';
import { live } from '/workshop/lib/hub.js';
import { devices } from '/workshop/lib/join.js';
import { presenterLine } from '/workshop/lib/presenter-line.js';
import { followed } from '/workshop/lib/whereabouts.js';
import { questions, stepButton } from '/workshop/quiz/lead.js';
import { ROOM, follow } from '/workshop/quiz/results.js';
import { LETTERS, sheet, votes } from '/workshop/quiz/sheet.js';

const $ = (id) => document.getElementById(id);
const all = await questions();
const show = sheet($('answers'));
const step = stepButton($('step'), live, all);
let before;
let seen; // the newest results

let selected = -1;
const rows = all.map(({ id, text }, number) => {
  const count = el('span', { className: 'soft' });
  const button = el('button', { className: 'question', ariaExpanded: 'false' },
    el('span', {}, String(number + 1)), el('span', {}, text), count);
  const open = el('button', { className: 'open', hidden: true }, `Open question ${number + 1}`);
  button.addEventListener('click', () => select(number === selected ? -1 : number));
  open.addEventListener('click', () => {
    if (live.send({ quiz: { open: id } })) button.focus(); // the button itself goes away
  });
  $('questions').append(el('li', {}, button, open));
  return { button, open, count };
});

// Shows the button of a question: to look at the list opens nothing to the room.
function select(number) {
  selected = number;
  rows.forEach(({ button, open }, at) => {
    open.hidden = at !== selected || button.ariaCurrent === 'true'; // it is open
    button.ariaExpanded = String(!open.hidden);
  });
}

const resultsLost = presenterLine($('line'), (yes) => {
  $('side').disabled = $('clear').disabled = !yes;
  rows.forEach(({ button, open }) => (button.disabled = open.disabled = !yes));
});
live.on('room', async (room) => {
  $('release').hidden = room.here !== ROOM;
  write($('room'), devices(room.devices));
  const words = room.here === ROOM ? await followed(room) : '';
  write($('followed'), $('release').hidden ? '' : words);
});
// Again and again: a device that went elsewhere since comes back.
$('bring').addEventListener('click', () => live.send({ here: ROOM }));
$('release').addEventListener('click', () => {
  if (live.send({ release: ROOM })) $('bring').focus(); // the button itself goes away
});
$('close').addEventListener('click', () => live.send({ quiz: { close: seen.question.id } }));
$('clear').addEventListener('click', () => $('sure').showModal());
$('sure').addEventListener('close', ({ target }) => {
  if (target.returnValue === 'yes') live.send({ quiz: { clear: seen.run } });
  target.returnValue = '';
});

// The question that is on stays in view, where the list scrolls.
function reach(question) {
  const list = $('questions');
  const row = question && rows[question.number - 1].button;
  if (row) list.scrollTop = row.offsetTop - list.offsetTop - list.clientHeight / 3;
}

follow((results) => {
  seen = results;
  const { question, answered } = results;
  const turned = JSON.stringify([question?.id, question?.right]);
  if (turned !== before) {
    $('solution').open = Boolean(question?.right);
    select(-1);
    reach(question);
  }
  before = turned;
  step(results);
  rows.forEach(({ button, count }, number) => {
    button.ariaCurrent = String(question?.number === number + 1);
    write(count, answered[number] ? votes(answered[number]) : '');
  });
  $('close').disabled = !question;
  $('room').hidden = Boolean(question); // one count at a time
  for (const id of ['answers', 'solution', 'place']) $(id).hidden = !question;
  if (!question) {
    write($('total'), '');
    return write($('text'), 'No question is open');
  }
  const { text, right, explanation } = all[question.number - 1];
  const state = question.right ? 'revealed' : 'open';
  write($('place'), `Question ${question.number} of ${all.length}, ${state}`);
  write($('text'), text);
  write($('total'), votes(answered[question.number - 1]));
  write($('explanation'), `${right.map((answer) => LETTERS[answer]).join(', ')} is right. ${explanation}`);
  show(question);
}, resultsLost);
