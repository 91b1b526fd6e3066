// The live page of a technique, inside a page of the workshop. Each reports its events
// (see /shared/parent-reporter.js); messages of other windows are ignored.
import { el } from '/shared/dom.js';
import { live } from '/workshop/lib/live.js';
import { portOf } from '/workshop/lib/setup.js';
import { title } from '/workshop/lib/techniques.js';

const LOAD_TIMEOUT = 5000; // ms after which a page that has not loaded needs an explanation
const NO_CONNECTION = 'The browser has no free connection to this server: six are in use (HTTP/1.1). '
  + 'Close a tab.';
const known = new Map(); // iframe → { origin, hear, heard, blank }
let effects = []; // an effect explains a blank page, too, and the notice says so
let wasLost = false; // the connection to the hub

// Where a connection is refused, a browser shows an error page, and does not try again.
live.on('lost', (lost) => (wasLost ||= Boolean(lost)));
live.on('room', (room) => {
  const unheard = [...known].filter(([, { heard }]) => !heard).map(([iframe]) => iframe);
  const refused = (iframe) => on(iframe.dataset.technique).some(({ effect }) => effect === 'refuse');
  const again = unheard.filter((iframe) => wasLost || refused(iframe));
  wasLost = false;
  effects = room.effects;
  for (const iframe of again) if (!refused(iframe)) iframe.src = iframe.getAttribute('src');
});
const on = (technique) => effects.filter((effect) => !effect.technique || effect.technique === technique);

addEventListener('message', ({ source, origin, data }) => {
  for (const [frame, page] of known) {
    if (frame.contentWindow !== source || origin !== page.origin) continue;
    page.heard = true;
    page.blank.over();
    page.hear(data.event, data.technique);
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
  known.set(iframe, { origin, hear, heard: false, blank: explain(iframe, technique) });
  return iframe;
}

// Says why the frame stays blank, until it is `over`.
function explain(iframe, technique) {
  const line = el('p', { className: 'blank', role: 'status' });
  const timer = setTimeout(() => {
    if (on(technique).length > 0) return;
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
