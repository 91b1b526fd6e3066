// The question and the words of its answer, as they come.
import { showState } from '/gallery.js';

const REASONS = { complete: 'Complete', abandoned: 'Stopped: nobody was reading',
  cancelled: 'Cancelled: the server has stopped working' };
const question = document.getElementById('question');
const answer = document.getElementById('answer');
const whole = document.getElementById('whole'); // to be read out

// Shows an event. Returns whether it ends the answer.
export function show(name, text) {
  if (name === 'question') {
    question.textContent = text;
    answer.textContent = '';
  }
  if (name === 'word') answer.append(`${text} `);
  if (name !== 'end') return false;
  whole.textContent = answer.textContent;
  showState(REASONS[text], 'stale');
  return true;
}
