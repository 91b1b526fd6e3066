// The lines below the header: the hub is lost, what is being done to the connections, where
// the presenter is. Each has a sign and words; none is told by colour alone.
import { el, mark, write } from '/shared/dom.js';
import { now } from '/shared/time.js';
import { does } from '/workshop/effects.js';
import { follow } from '/workshop/follow.js';

const WARNING = 'M10 1 19.5 18.5H.5zM9 7v6h2V7zm0 7.5v2h2v-2z';
const CROSS = 'M3.5 1 10 7.5 16.5 1 19 3.5 12.5 10 19 16.5 16.5 19 10 12.5 3.5 19 1 16.5 7.5 10 1 3.5z';

export function notices(live) {
  const box = el('div', { className: 'notices', role: 'status' }, lost(live), effects(live));
  if (!location.pathname.startsWith('/presenter')) box.append(follow(live));
  return box;
}

function lost(live) {
  const line = el('p', { className: 'notice', hidden: true }, mark(CROSS),
    'The workshop does not answer. Trying again …');
  live.on('lost', (lost) => (line.hidden = !lost));
  return line;
}

function effects(live) {
  const words = el('span');
  const left = el('span', { className: 'left', 'aria-live': 'off' });
  const line = el('p', { className: 'notice', hidden: true }, mark(WARNING), words, left);
  let ends = Infinity;
  live.on('room', (room) => {
    const all = room.effects;
    line.hidden = all.length === 0;
    const mine = all.filter(({ you }) => you);
    const everyones = all.filter(({ you }) => !you);
    write(words, sentence('The presenter', everyones)
      + sentence('For this device alone, the workshop', mine));
    ends = Math.min(...all.map((effect) => (effect.left ? now() + 1000 * effect.left : Infinity)));
    tick();
  });
  const tick = () => {
    const seconds = Math.max(0, Math.round((ends - now()) / 1000));
    write(left, ends === Infinity ? '' : `Ends by itself in ${seconds} s.`);
  };
  setInterval(tick, 1000);
  return line;
}

function sentence(who, effects) {
  const client = ({ client, you }) => (client && !you ? ` (${client})` : '');
  const what = effects.map((effect) => does(effect) + client(effect)).join('; ');
  return what && `${who} ${what}. `;
}
