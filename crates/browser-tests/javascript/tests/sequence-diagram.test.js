// What the sequence diagram draws of what happened: its words, and its crosses for a try that failed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SequenceDiagram } from '/shared/sequence-diagram.js';
import { now } from '/shared/time.js';

// A page with one canvas. `draw()` makes a picture; what was drawn is in `texts`, `thick` and `dashes`.
function page() {
  const drawn = { texts: [], thick: 0, dashes: [] };
  let dash = '';
  const context = new Proxy({ lineWidth: 0 }, {
    get: (state, name) => name in state ? state[name] : {
      measureText: (text) => ({ width: 8 * text.length }),
      fillText: (text) => drawn.texts.push(text),
      setLineDash: (pattern) => (dash = pattern.join()),
      stroke: () => {
        drawn.thick += state.lineWidth === 2.5;
        drawn.dashes.push(dash);
      },
    }[name] ?? (() => {}),
  });
  const canvas = { clientWidth: 1000, clientHeight: 300, dataset: {}, getContext: () => context,
    addEventListener: () => {} };
  const frames = [];
  class Observer { observe() {} }
  Object.assign(globalThis, { ResizeObserver: Observer, IntersectionObserver: Observer,
    devicePixelRatio: 1, matchMedia: () => new EventTarget(),
    getComputedStyle: () => ({ fontSize: '16px', getPropertyValue: () => 'black' }),
    requestAnimationFrame: (next) => frames.push(next) });
  const diagram = new SequenceDiagram(canvas, { local: (at) => at });
  const draw = () => {
    Object.assign(drawn, { texts: [], thick: 0, dashes: [] });
    diagram.add({ type: 'stopped', time: now() });
    frames.splice(0).forEach((next) => next());
    return drawn;
  };
  return { diagram, draw };
}

test('the browser’s own tries are drawn, each with its cross, and an end once', () => {
  const { diagram, draw } = page();
  const start = now() - 10_000;
  const at = (time, event) => diagram.add({ time: start + time, ...event });
  at(0, { type: 'started' });
  at(0, { type: 'request' });
  at(5, { type: 'opened' });
  at(1000, { type: 'failed', reason: 'the server shuts down' });
  at(1003, { type: 'failed', reason: 'connection lost' }); // the end of the same connection
  const before = draw().thick;
  diagram.add({ type: 'started', time: start });
  for (const time of [3500, 6000]) at(time, { type: 'failed', reason: 'connection lost' });
  assert.equal(draw().thick - before, 2 * 2, 'two crosses of two strokes');
});

test('a burst has its numbers, however near the sample before it', () => {
  const { diagram, draw } = page();
  const start = now() - 5000;
  diagram.add({ type: 'started', time: start });
  diagram.add({ type: 'request', time: start });
  diagram.add({ type: 'opened', time: start });
  const sample = (seq, at, time) =>
    diagram.add({ type: 'sample', time: start + time, sample: { seq, at: start + at } });
  sample(1712, 1000, 1001);
  draw(); // its label is there before the burst is
  diagram.add({ type: 'started', time: start });
  // Published at once; a page takes a while to read a hundred.
  for (let seq = 1713; seq <= 1812; seq++) sample(seq, 1300, 1301 + (seq - 1713));
  const { texts } = draw();
  assert.ok(texts.includes('#1713–1812'), texts.join(' '));
});

test('a message is not drawn as arrived before its echo has come, on its own connection', () => {
  const { diagram, draw } = page();
  const start = now() - 5000;
  const at = (time, event) => diagram.add({ time: start + time, ...event });
  const halves = () => {
    const { dashes } = draw();
    diagram.add({ type: 'started', time: start });
    return dashes.filter((dash) => dash === '3,3').length;
  };
  const connect = (time) => {
    at(time, { type: 'request' });
    at(time + 5, { type: 'opened' });
  };
  at(0, { type: 'started' });
  connect(0);
  at(500, { type: 'sent', word: 'chat' });
  at(600, { type: 'heartbeat' });
  assert.equal(halves(), 1, 'its echo is awaited');
  connect(1000);
  at(1100, { type: 'message', word: 'echo' });
  assert.equal(halves(), 1, 'what comes on another connection is no echo of it');
  at(1200, { type: 'sent', word: 'chat' });
  at(1250, { type: 'message', word: 'chat' });
  assert.equal(halves(), 2, 'what others say is no echo of it');
  at(1300, { type: 'message', word: 'echo' });
  assert.equal(halves(), 1, 'an echo came');
});
