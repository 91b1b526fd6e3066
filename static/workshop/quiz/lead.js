// The presenter's next step: to open a question, to reveal its answer, to go on to the next one.
import { nextPlace } from '/workshop/quiz/outcomes.js';

const STEP_INTERVAL = 600; // ms between two steps at least: a double click is one

// The next step, in words and as a command. It names the question that this page shows, so that a
// page that is behind does no harm. After the last one there is no command: another room begins
// with no answers.
function next(results) {
  const { question, asked } = results;
  if (question && !question.right) return { words: 'Reveal the answer', quiz: { reveal: question.id } };
  const place = nextPlace(results);
  if (question && place < 0) return { words: 'Close the last question', quiz: { close: question.id } };
  if (place < 0) return { words: 'Start again with another room …' };
  const words = question ? 'Next question' : `Open question ${place + 1}`;
  return { words, quiz: { next: { after: question?.id ?? null, open: asked[place] } } };
}

// Makes a button take that step; `again()` is called after the last one, without it the button is
// hidden then. Returns a function that takes the newest results. The button keeps the focus while it
// waits: `disabled` would take it away.
export function stepButton(button, live, again) {
  let step; // none, until the first results
  button.ariaDisabled = 'true';
  button.addEventListener('click', () => {
    if (button.ariaDisabled === 'true') return;
    if (!step.quiz) return again?.();
    if (!live.send({ quiz: step.quiz })) return;
    button.ariaDisabled = 'true';
    setTimeout(() => (button.ariaDisabled = 'false'), STEP_INTERVAL);
  });
  return (results) => {
    if (!step) button.ariaDisabled = 'false';
    step = next(results);
    button.textContent = step.words;
    button.hidden = !step.quiz && !again;
    button.classList.toggle('main', Boolean(step.quiz)); // to begin anew is not what comes next
  };
}
