// What comes next, and what came of the questions when the last one is over.
import { sum } from '/workshop/quiz/sheet.js';

// The place, from 0, of the question that follows: the next one that was not revealed yet. -1: none.
export function nextPlace({ question, last, outcomes }) {
  const from = question?.number ?? last;
  return outcomes.findIndex((outcome, place) => place >= from && !outcome);
}

export const isOver = (results) => !results.question && results.last > 0 && nextPlace(results) < 0;

// Those that were revealed: { id, number, answered, right, correct }.
export const revealed = ({ asked, answered, outcomes }) => asked
  .map((id, place) => ({ id, number: place + 1, answered: answered[place], ...outcomes[place] }))
  .filter(({ right }) => right);

// How many of all answers were right.
export const total = (list) =>
  `${sum(list.map(({ correct }) => correct))} of ${sum(list.map(({ answered }) => answered))} right`;

// Those that were answered, the hardest first.
export const hardest = (list) => list.filter(({ answered }) => answered)
  .sort((a, b) => a.correct / a.answered - b.correct / b.answered);
