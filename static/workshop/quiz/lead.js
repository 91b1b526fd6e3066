// The presenter's next step: to open a question, to reveal its answer, to go on to the next one.
const STEP_INTERVAL = 600; // ms between two steps at least: a double click is one

// The next step, in words and as a command. It names the question that this page shows, so that a
// page that is behind does no harm.
function next({ question, last, asked }) {
  if (question && !question.right) return { words: 'Reveal the answer', quiz: { reveal: question.id } };
  if (question?.number === asked.length) {
    return { words: 'Close the last question', quiz: { close: question.id } };
  }
  const number = (question?.number ?? last) % asked.length; // after the last one, the first again
  const words = question ? 'Next question' : `Open question ${number + 1}`;
  return { words, quiz: { next: { after: question?.id ?? null, open: asked[number] } } };
}

// Makes a button take that step. Returns a function that takes the newest results. The button keeps
// the focus while it waits: `disabled` would take it away.
export function stepButton(button, live) {
  let step; // none, until the first results
  button.ariaDisabled = 'true';
  button.addEventListener('click', () => {
    if (button.ariaDisabled === 'true' || !live.send({ quiz: step.quiz })) return;
    button.ariaDisabled = 'true';
    setTimeout(() => (button.ariaDisabled = 'false'), STEP_INTERVAL);
  });
  return (results) => {
    if (!step) button.ariaDisabled = 'false';
    step = next(results);
    button.textContent = step.words;
  };
}
