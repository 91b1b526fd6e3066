// Two sources side by side: the rows come from the server; this script fills the choice.
import { el, write } from '/shared/dom.js';
import { BEYOND } from '/shared/titles.js';
import '/workshop/lib/hub.js';
import { TECHNIQUES, badge, title } from '/workshop/lib/techniques.js';

// What runs beside the workshop; the blog of chapter 11 has two shapes, and a peer of the bench has
// all five.
const OTHERS = { monolith: 'Blog: one program', services: 'Blog: services', node: 'Node: Express and ws' };
const FILES = { monolith: 'monolith.rs', services: 'services.rs', node: 'server.js' };
const { webrtc, webtransport, fallback, mqtt } = BEYOND;
const BESIDE = { webrtc, webtransport, fallback, mqtt, ...OTHERS };

const { left, right, file } = document.documentElement.dataset;
const form = document.querySelector('form');
for (const [side, chosen] of [['left', left], ['right', right]]) {
  const select = form.elements[side];
  select.append(
    ...Object.keys(TECHNIQUES).map((value) => el('option', { value }, title(value))),
    ...Object.entries(BESIDE).map(([value, name]) => el('option', { value }, name)));
  select.value = chosen;
  const what = file === 'client' ? 'client.js' : FILES[chosen] ?? 'lib.rs';
  document.getElementById(`${side}-name`).append(BESIDE[chosen] ? `${BESIDE[chosen]},` : badge(chosen), ` ${what}`);
}
form.elements.file.value = file;

const count = (kind) => document.querySelectorAll(`.row.${kind}`).length;
const differing = count('changed') + count('left') + count('right');
write(document.getElementById('same'), `${count('same')} lines the same, ${differing} not`);
