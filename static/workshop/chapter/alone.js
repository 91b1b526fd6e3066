// The browser alone: an EventSource and a WebSocket without any code that connects again,
// side by side, and one button that cuts both.
import { el } from '/shared/dom.js';
import { duration, timeOfDay } from '/shared/format.js';
import { now } from '/shared/time.js';
import { blank } from '/workshop/lib/cards.js';
import { frame, removeFrame } from '/workshop/lib/frames.js';
import { title } from '/workshop/lib/techniques.js';

const RECONNECT_TIMEOUT = 10_000; // ms after which the card says that a WebSocket stays closed

export function alone(live) {
  const { element, act, say, done } = blank('The browser alone',
    'Open an EventSource and a WebSocket on pages that have no code to reconnect. Cut both.',
    'One of them comes back.');
  element.classList.add('alone');
  const open = el('button', {}, 'Open both pages');
  const cut = el('button', { disabled: true }, 'Cut both connections');
  const pages = el('div', { className: 'pair' });
  act.append(open, cut);
  element.append(pages);
  let frames = [];
  const up = new Set(); // techniques that are open
  let states = {}; // technique → the events since the button was pressed
  let allowed = true;
  const show = () => (cut.disabled = !allowed || up.size < 2);
  live.on('room', (room) => {
    allowed = room.allowed;
    show();
  });

  open.addEventListener('click', async () => {
    frames.forEach(removeFrame);
    up.clear();
    states = {};
    show();
    frames = await Promise.all(['sse', 'websocket'].map((technique) =>
      frame(technique, (event) => follow(technique, event),
        { path: '/bare.html', name: `${title(technique)}: the browser alone` })));
    pages.replaceChildren(...frames);
    open.textContent = 'Open both pages again';
  });
  cut.addEventListener('click', () => {
    const pressed = (states = { sse: {}, websocket: {} });
    const sent = Object.keys(states)
      .every((technique) => live.send({ try: { technique, effect: 'cut' } }));
    say(sent ? 'Cut requested. Watch both pages for 10 s.' : 'The workshop does not answer.');
    setTimeout(() => states === pressed && explain(), RECONNECT_TIMEOUT);
  });

  function follow(technique, { type, time }) {
    if (type === 'opened') up.add(technique);
    if (type === 'failed') up.delete(technique);
    show();
    const state = states[technique];
    if (!state) return;
    if (type === 'failed' || type === 'opened') state[type] ??= time;
    if (type === 'failed') delete state.opened;
  }

  function explain() {
    const { sse, websocket } = states;
    if (!sse.failed || !websocket.failed) {
      return say('At least one connection was not cut. Open both pages again, and repeat.');
    }
    const since = duration(now() - websocket.failed);
    const back = sse.opened && !websocket.opened;
    const text = `Cut at ${timeOfDay(websocket.failed)}. `
      + (sse.opened ? `The EventSource was open again after ${duration(sse.opened - sse.failed)}: `
        + 'its standard has the browser reestablish the connection (WHATWG HTML §9.2.3). '
        : `The EventSource is not back after ${since}. `)
      + (websocket.opened ? 'The WebSocket is open again.'
        : `The WebSocket was still closed ${since} later: its standard ends with the close event. `
        + 'Where one comes back, as in the live page, a program opened it: start() in client.js.');
    return back ? done(text) : say(text);
  }
  return element;
}
