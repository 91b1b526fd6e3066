// A speaker's view turns the slides for everyone, through the workshop. A window with the slides in
// the same browser does not assume that there is one: it sends a request, and turns alone when there
// is no reply. A view that was closed, reloaded or crashed can't say so itself.
import { now } from '/shared/time.js';

const ANSWER_TIMEOUT = 250; // ms for the reply to a turn: with more, a key seems dead
const SETTLE_TIMEOUT = 1000; // ms after which the workshop's word counts, whatever this page asked for

const windows = new BroadcastChannel('speaker');
const hear = (handler) => windows.addEventListener('message', ({ data }) => handler(data));

// For a window with the slides. Calls `show(slide, lost)` when a speaker's view says where it is, and
// why the workshop does not hear it, if so. Returns a function that asks for a turn, and calls
// `alone(where)` when there is no reply.
export function askSpeaker(show, alone) {
  const waiting = new Map(); // requests → their timers
  let answered = true; // the last request
  let heard = 0; // when a view last said something
  // The number of a request is random: a clock may be set back, and repeat its numbers.
  const number = () => 1 + Math.random();
  const ask = (where, id = number()) => {
    const at = now();
    windows.postMessage({ id, where });
    waiting.set(id, setTimeout(() => {
      waiting.delete(id);
      if (heard >= at) return ask(where, id); // a view is there, which did not hear it in time
      answered = false;
      if (where) alone(where);
    }, ANSWER_TIMEOUT));
  };
  hear(({ slide, answers, lost }) => {
    if (!slide) return;
    [answered, heard] = [true, now()];
    clearTimeout(waiting.get(answers));
    waiting.delete(answers);
    show(slide, lost);
  });
  ask(); // whether there is a view; no turn
  return (where) => {
    if (answered) return ask(where);
    windows.postMessage({ id: number(), where }); // a view that is blocked turns late
    alone(where);
  };
}

// For a speaker's view. Answers each request of a window: turns first, then says which slide is on,
// and why its connection is lost, if it is. A request may be repeated; its number makes that harmless.
// Its window may have turned alone meanwhile: after the late turn, everyone is where that window is.
// Returns a function that says the same without a request.
export function answerWindows(turn, present, lost) {
  const done = new Set(); // the requests
  const say = (answers) => windows.postMessage({ slide: present(), lost: lost(), answers });
  hear(({ id, where }) => {
    if (!id) return; // another view says where it is
    if (where && !done.has(id)) turn(where);
    done.add(id);
    say(id);
  });
  return () => say();
}

// Calls `show(value)` when the workshop says that a setting of the room, such as `slide`, has another
// value. Returns a function to call with each value that this page asks for: for a second, news that
// still has an older one is ignored. After that, and after a connection was lost, what we asked for
// may have been lost, too: the room is as the workshop says.
export function roomSetting(live, name, show) {
  let said; // by the workshop, when it was last believed
  let asked;
  let contrary; // what the workshop said instead of `asked`
  let timer;
  const settle = () => {
    asked = undefined;
    clearTimeout(timer);
  };
  live.on('lost', (lost) => {
    if (!lost) return;
    settle();
    said = undefined;
  });
  live.on('room', (room) => {
    const value = room[name];
    if (value === asked) {
      settle();
      said = value;
    } else if (asked) {
      contrary = value;
    } else if (value !== said) {
      show(said = value);
    }
  });
  return (value) => {
    settle();
    asked = value;
    contrary = undefined;
    timer = setTimeout(() => {
      asked = said = undefined;
      if (contrary !== undefined) show(said = contrary);
    }, SETTLE_TIMEOUT);
  };
}
