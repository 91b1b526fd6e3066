// The live page of a technique, inside a page of the workshop. Each tells what happens in it
// (see /shared/parent.js); what another window says is not listened to.
import { el } from '/shared/dom.js';
import { portOf } from '/workshop/setup.js';
import { title } from '/workshop/techniques.js';

const known = new Map(); // iframe → { origin, hear }

addEventListener('message', ({ source, origin, data }) => {
  for (const [frame, { origin: expected, hear }] of known) {
    if (frame.contentWindow === source && origin === expected) hear(data.event, data.technique);
  }
});

// An iframe of `path` at the technique's port; `hear(event, technique)` gets its events.
export async function frame(technique, hear, { path = '/', name } = {}) {
  const origin = `${location.protocol}//${location.hostname}:${await portOf(technique)}`;
  // The page inside learns from the referrer to whom it may speak.
  const iframe = el('iframe',
    { title: name ?? `${title(technique)}, live`, src: origin + path, referrerPolicy: 'origin' });
  iframe.dataset.technique = technique;
  known.set(iframe, { origin, hear });
  return iframe;
}

// Ends the page inside, and its connection with it.
export function removeFrame(iframe) {
  known.delete(iframe);
  iframe.remove();
}
