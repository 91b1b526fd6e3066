// What the presenter does next: opens a question, reveals it, goes on to the next one.
const STEP_INTERVAL = 600; // ms between two steps at least: a double click is one

// All questions with their right answers: for the presenter alone.
export const questions = () =>
  fetch('/presenter/quiz/questions', { cache: 'no-store' }).then((response) => response.json());

// The next step, in words and as the hub understands it. It names what is on as we saw it, so
// that a page that is behind does no harm.
function next({ question, last }, all) {
  if (question && !question.right) return { words: 'Reveal', quiz: { reveal: question.id } };
  if (question?.number === all.length) {
    return { words: 'Close: that was the last one', quiz: { close: question.id } };
  }
  const number = (question?.number ?? last) % all.length; // after the last one, the first again
  const words = question ? 'Next question' : `Open question ${number + 1}`;
  return { words, quiz: { next: { after: question?.id ?? null, open: all[number].id } } };
}

// Makes a button take it. Returns a function that tells the button the results. The button
// keeps the focus while it waits: `disabled` would take it away.
export function stepButton(button, live, all) {
  let step; // none, until it is known what is on
  button.ariaDisabled = 'true';
  button.addEventListener('click', () => {
    if (button.ariaDisabled === 'true' || !live.send({ quiz: step.quiz })) return;
    button.ariaDisabled = 'true';
    setTimeout(() => (button.ariaDisabled = 'false'), STEP_INTERVAL);
  });
  return (results) => {
    if (!step) button.ariaDisabled = 'false';
    step = next(results, all);
    button.textContent = step.words;
  };
}
