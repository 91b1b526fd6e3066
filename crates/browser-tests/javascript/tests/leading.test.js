// Who turns the slides: windows of one browser, and the workshop.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

// The windows of a browser, each with a module of its own.
const channels = new Set();
globalThis.BroadcastChannel = /** @type {any} */ (class extends EventTarget {
  constructor() {
    super();
    channels.add(this);
  }

  postMessage(data) {
    const others = [...channels].filter((channel) => channel !== this);
    for (const channel of others) queue.push([channel, data]);
    if (!frozen) deliver();
  }
});
let frozen = false; // a view that stands still gets its messages later
let queue = [];
function deliver() {
  while (queue.length) {
    const [channel, data] = queue.shift();
    channel.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}
let opened = 0;
const open = () => import(`/workshop/slides/leading.js?window=${opened++}`);

beforeEach(() => {
  channels.clear();
  [frozen, queue] = [false, []];
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
});
afterEach(() => mock.timers.reset());

// A hub that the test speaks for, and what a view shows of it.
async function view() {
  const handlers = new Map();
  const live = { on: (type, handler) => handlers.set(type, handler) };
  const { roomSetting } = await open();
  const shown = [];
  const askedFor = roomSetting(live, 'slide', (slide) => shown.push(slide));
  return { shown, askedFor, room: (slide) => handlers.get('room')({ slide }),
    lost: (why) => handlers.get('lost')(why) };
}

test('what the workshop said before a turn does not turn back', async () => {
  const { shown, askedFor, room } = await view();
  room('A');
  askedFor('B');
  room('A');
  room('B');
  mock.timers.tick(5000);
  room('B');
  assert.deepEqual(shown, ['A']);
});

test('after a turn that was lost with its connection, the view is where the room is', async () => {
  const { shown, askedFor, room, lost } = await view();
  room('A');
  askedFor('B');
  lost('silent');
  lost(false);
  room('A');
  assert.deepEqual(shown, ['A', 'A']);
});

test('after a turn that was refused, the view is where the room is', async () => {
  const { shown, askedFor, room } = await view();
  room('A');
  askedFor('B');
  mock.timers.tick(1000);
  room('A');
  room('A');
  assert.deepEqual(shown, ['A', 'A']);
});

test('another speaker’s turn, told in place of ours, is shown a second later', async () => {
  const { shown, askedFor, room } = await view();
  room('A');
  askedFor('B');
  room('C');
  mock.timers.tick(1000);
  assert.deepEqual(shown, ['A', 'C']);
});

// A window with the slides and a speaker's view, each at the number of a slide.
async function windows() {
  const [slides, speaker] = await Promise.all([open(), open()]);
  const at = { window: 1, speaker: 1, turns: 0 };
  speaker.answerWindows(() => {
    at.speaker++;
    at.turns++;
  }, () => at.speaker, () => false);
  const turn = slides.askSpeaker((slide) => (at.window = slide), () => at.window++);
  return { at, turn: () => turn('next') };
}

test('a window turns with the view, and asks in vain 250 ms long', async () => {
  const { at, turn } = await windows();
  turn();
  assert.deepEqual(at, { window: 2, speaker: 2, turns: 1 });
  frozen = true;
  turn();
  mock.timers.tick(249);
  assert.equal(at.window, 2);
  mock.timers.tick(1);
  assert.equal(at.window, 3);
});

test('a view that answers late turns no window back', async () => {
  const { at, turn } = await windows();
  frozen = true;
  turn();
  mock.timers.tick(250);
  turn();
  turn();
  assert.deepEqual(at, { window: 4, speaker: 1, turns: 0 });
  frozen = false;
  deliver();
  assert.deepEqual(at, { window: 4, speaker: 4, turns: 3 });
  turn();
  assert.deepEqual(at, { window: 5, speaker: 5, turns: 4 });
});

test('a window that opens after the clock was set back turns slides all the same', async () => {
  mock.timers.setTime(1_000_000);
  const { at, turn } = await windows();
  turn();
  mock.timers.setTime(10);
  const reloaded = await open();
  reloaded.askSpeaker(() => {}, () => assert.fail('alone'))('next');
  assert.equal(at.speaker, 3);
});
