// The live page of a technique, inside a page of the workshop. Each reports its events
// (see /shared/parent-reporter.js); messages of other windows are ignored.
import { el } from '/shared/dom.js';
import { live } from '/workshop/lib/live.js';
import { portOf } from '/workshop/lib/setup.js';
import { title } from '/workshop/lib/techniques.js';

const LOAD_TIMEOUT = 5000; // ms after which a page that has not loaded needs an explanation
const NO_CONNECTION = 'The browser has no free connection to this server: six are in use (HTTP/1.1). '
  + 'Close a tab.';
const known = new Map(); // iframe → { origin, hear, blank }
let effects = []; // an effect explains a blank page, too, and the notice says so
live.on('room', (room) => (effects = room.effects));

addEventListener('message', ({ source, origin, data }) => {
  for (const [frame, { origin: expected, hear, blank }] of known) {
    if (frame.contentWindow !== source || origin !== expected) continue;
    blank.over();
    hear(data.event, data.technique);
  }
});

// An iframe of `path` at the technique's port, or at another `origin`; `hear(event, technique)` gets
// its events.
export async function frame(technique, hear,
  { path = '/', name = `${title(technique)}, live`, origin = undefined } = {}) {
  origin ??= `${location.protocol}//${location.hostname}:${await portOf(technique)}`;
  // The page inside learns from the referrer to which origin it may report.
  const iframe = el('iframe',
    { title: name, src: origin + path, referrerPolicy: 'origin' });
  iframe.dataset.technique = technique;
  known.set(iframe, { origin, hear, blank: explain(iframe, technique) });
  return iframe;
}

// Says why the frame stays blank, until it is `over`.
function explain(iframe, technique) {
  const line = el('p', { className: 'blank', role: 'status' });
  const timer = setTimeout(() => {
    if (effects.some((effect) => !effect.technique || effect.technique === technique)) return;
    line.textContent = NO_CONNECTION;
    iframe.before(line);
  }, LOAD_TIMEOUT);
  const over = () => {
    clearTimeout(timer);
    line.remove();
  };
  iframe.addEventListener('load', over);
  return { over };
}

// Ends the page inside, and its connection with it.
export function removeFrame(iframe) {
  known.get(iframe)?.blank.over();
  known.delete(iframe);
  iframe.remove();
}
