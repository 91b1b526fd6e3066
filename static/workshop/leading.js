// Slides are turned for everyone by a speaker's view, which the workshop hears. A window with
// the slides in the same browser does not assume that there is one: it asks, and turns alone
// when nothing answers. A view that was closed, reloaded or crashed can't say so itself.
const ANSWER = 250; // ms in which a turn must be answered: longer, and a key seems dead
const SETTLED = 1000; // ms after which what we asked for must be what the workshop says

const windows = new BroadcastChannel('speaker');
const hear = (handler) => windows.addEventListener('message', ({ data }) => handler(data));

// For a window with the slides. `show(slide)` when a speaker's view says where it is; what is
// returned asks for a turn, and calls `alone(where)` when there is no answer.
export function askSpeaker(show, alone) {
  const waiting = new Map(); // questions → their timers
  let newest = 0; // the number of a question: the time in ms, and no number twice
  let answered = true; // the last question
  let heard = 0; // when a view last said something
  const ask = (where, id = Math.max(newest + 1, Date.now())) => {
    const at = Date.now();
    newest = Math.max(newest, id);
    windows.postMessage({ id, at, where });
    waiting.set(id, setTimeout(() => {
      waiting.delete(id);
      if (heard >= at) return ask(where, id); // a view is there, which did not hear it in time
      answered = false;
      if (where) alone(where);
    }, ANSWER));
  };
  hear(({ slide, answers }) => {
    if (!slide) return;
    [answered, heard] = [true, Date.now()];
    clearTimeout(waiting.get(answers));
    waiting.delete(answers);
    show(slide);
  });
  ask(); // for no turn: whether there is a view
  return (where) => (answered ? ask(where) : alone(where));
}

// For a speaker's view: each question is answered with the slide that is on, after the turn that
// it asks for, which is done once however often it is asked. One that waited too long is not
// answered: its window has turned alone, or asks again. What is returned says without being asked
// which slide is on.
export function answerWindows(turn, present) {
  let done = 0; // the newest question
  const say = (answers) => windows.postMessage({ slide: present(), answers });
  hear(({ id, at, where }) => {
    if (!id) return; // another view says where it is
    if (Date.now() - at >= ANSWER) return say();
    if (where && id > done) turn(where);
    done = Math.max(done, id);
    say(id);
  });
  return () => say();
}

// Calls `show(slide)` when the workshop says that the room is at another slide. What is returned
// is to be told what was asked for here: until the workshop says the same, its older news would
// turn back. When it goes on saying something else, another speaker has turned.
export function roomSlide(live, show) {
  let said; // by the workshop, when it was last believed
  let asked;
  let contrary; // what the workshop said instead of `asked`
  let timer;
  const settle = () => {
    asked = undefined;
    clearTimeout(timer);
  };
  live.on('lost', (lost) => lost && settle());
  live.on('room', ({ slide }) => {
    if (slide === asked) {
      settle();
      said = slide;
    } else if (asked) {
      contrary = slide;
    } else if (slide !== said) {
      show(said = slide);
    }
  });
  return (slide) => {
    settle();
    asked = slide;
    contrary = undefined;
    timer = setTimeout(() => {
      asked = undefined;
      if (contrary !== undefined) show(said = contrary);
    }, SETTLED);
  };
}
