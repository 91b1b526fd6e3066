// What the presenter does next: opens a question, reveals it, goes on to the next one.
const questions = fetch('/quiz/questions', { cache: 'no-store' }).then((response) => response.json());

export { questions };

// The next step, in words and as the hub understands it: { words, quiz }.
export function next(question, all) {
  if (question && !question.right) return { words: 'Reveal', quiz: 'reveal' };
  const number = question?.number ?? 0;
  if (number === all.length) return { words: 'Close: that was the last one', quiz: 'close' };
  const words = number ? 'Next question' : `Open question ${number + 1}`;
  return { words, quiz: { open: all[number].id } };
}

// A button that takes it. Until the room has taken notice, it can't be pressed again: twice
// would be two steps.
export function stepButton(button, live, all) {
  let step;
  button.addEventListener('click', () => {
    button.disabled = live.send({ quiz: step.quiz });
  });
  return (question) => {
    step = next(question, all);
    button.textContent = step.words;
  };
}
