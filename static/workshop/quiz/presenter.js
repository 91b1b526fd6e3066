// The presenter's quiz: ten questions for each length of the talk, or others. One button takes the
// usual next step; any other question is selected, and then opened by a button of its own.
import { el, write } from '/shared/dom.js';
import { dayAndTime } from '/shared/format.js';
import { setAgain } from '/workshop/lib/after-restart.js';
import { live } from '/workshop/lib/hub.js';
import { devices } from '/workshop/lib/join.js';
import { presenterLine } from '/workshop/lib/presenter-line.js';
import { followed } from '/workshop/lib/whereabouts.js';
import { chooseQuestions } from '/workshop/quiz/choose.js';
import { stepButton } from '/workshop/quiz/lead.js';
import { isOver, nextPlace, revealed, total } from '/workshop/quiz/outcomes.js';
import { ROOM, follow } from '/workshop/quiz/results.js';
import { explained } from '/workshop/quiz/see.js';
import { LETTERS, sheet, votes } from '/workshop/quiz/sheet.js';

const $ = (id) => document.getElementById(id);
// With their right answers: for the presenter alone.
const all = await fetch('/presenter/quiz/questions', { cache: 'no-store' }).then((response) => response.json());
const find = (wanted) => all.find(({ id }) => id === wanted);
const show = sheet($('answers'));
const startAgain = () => $('sure').showModal();
const step = stepButton($('step'), live, startAgain);
const choose = await chooseQuestions(all, (ids) => live.send({ quiz: { ask: ids } }));
let before;
let seen; // the newest results
let rows = []; // of the questions that are asked

let selected = -1;
function listQuestions(asked) {
  selected = -1;
  rows = asked.map((id, number) => {
    const count = el('span', { className: 'soft' });
    const button = el('button', { className: 'question', ariaExpanded: 'false' },
      el('span', {}, String(number + 1)), el('span', {}, find(id).text), count);
    const open = el('button', { className: 'open', hidden: true });
    button.addEventListener('click', () => select(number === selected ? -1 : number));
    open.addEventListener('click', () => {
      if (live.send({ quiz: { open: id } })) button.focus(); // the button itself goes away
    });
    return { button, open, count };
  });
  $('questions').replaceChildren(...rows.map(({ button, open }) => el('li', {}, button, open)));
}

// Shows the button of a question: to look at the list opens nothing to the room.
function select(number) {
  selected = number;
  rows.forEach(({ button, open }, at) => {
    open.hidden = at !== selected || button.ariaCurrent === 'true'; // it is open
    button.ariaExpanded = String(!open.hidden);
  });
}

const resultsLost = presenterLine($('line'), (yes) => {
  $('side').disabled = $('list').disabled = !yes;
});
setAgain(live);
live.on('lost', (lost) => lost && write($('followed'), ''));
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
$('clear').addEventListener('click', startAgain);
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
  const { question, answered, asked } = results;
  if (String(asked) !== String(seen?.asked)) listQuestions(asked);
  seen = results;
  choose(asked, question?.id);
  const now = JSON.stringify([question?.id, question?.right]);
  const turned = now !== before;
  before = now;
  if (turned) {
    $('solution').open = Boolean(question?.right);
    select(-1);
    reach(question);
  }
  step(results);
  rows.forEach(({ button, open, count }, number) => {
    // Those who answered it know what is right: nobody answers it again.
    write(open, `${results.outcomes[number] && answered[number] ? 'Show the result of' : 'Open'} question ${number + 1}`);
    button.ariaCurrent = String(question?.number === number + 1);
    write(count, answered[number] ? votes(answered[number]) : '');
  });
  write($('kept'), results.kept ? `Answers until ${dayAndTime(results.kept)} kept over the restart` : '');
  // The last question is closed by the step.
  $('close').disabled = !question || Boolean(question.right && nextPlace(results) < 0);
  $('room').hidden = Boolean(question); // one count at a time
  for (const id of ['answers', 'solution', 'place']) $(id).hidden = !question;
  if (!question) {
    write($('total'), '');
    return write($('text'), !isOver(results) ? 'No question is open'
      : `That was the last question: ${total(revealed(results))}`);
  }
  const found = find(question.id);
  const { text, right } = found;
  const state = question.right ? 'revealed' : 'open';
  write($('place'), `Question ${question.number} of ${asked.length}, ${state}`);
  write($('text'), text);
  write($('total'), votes(answered[question.number - 1]));
  const letters = right.map((answer) => LETTERS[answer]).join(', ');
  if (turned) $('explanation').replaceChildren(`${letters} is right. `, ...explained(found, true));
  show(question);
}, resultsLost);
