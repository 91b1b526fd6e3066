// The notices below the header, on one line: the hub is lost, the effects on the connections, where
// the presenter is. Each has a sign and words; none relies on colour alone.
import { el, mark, write } from '/shared/dom.js';
import { wholeSeconds } from '/shared/format.js';
import { now } from '/shared/time.js';
import { does } from '/workshop/lib/effects.js';
import { follow } from '/workshop/lib/follow.js';
import { whyLost } from '/workshop/lib/lost.js';

const WARNING = 'M10 1 19.5 18.5H.5zM9 7v6h2V7zm0 7.5v2h2v-2z';
const CROSS = 'M3.5 1 10 7.5 16.5 1 19 3.5 12.5 10 19 16.5 16.5 19 10 12.5 3.5 19 1 16.5 7.5 10 1 3.5z';

export function notices(live) {
  const box = el('div', { className: 'notices', role: 'status' }, lost(live), effects(live));
  if (!location.pathname.startsWith('/presenter')) box.append(follow(live));
  // On a phone it covers the end of the page, which leaves room for it.
  const tall = () => document.documentElement.style.setProperty('--bar', `${box.offsetHeight}px`);
  new ResizeObserver(tall).observe(box);
  return box;
}

function lost(live) {
  const words = el('span');
  const line = el('p', { className: 'notice', hidden: true }, mark(CROSS), words);
  live.on('lost', (lost) => {
    line.hidden = !lost;
    if (line.dataset.why === String(lost)) return; // said already
    line.dataset.why = String(lost);
    words.replaceChildren(...whyLost(lost));
  });
  return line;
}

// A text too long for the line is shown in full when it is pressed.
function effects(live) {
  const words = el('span', { className: 'what' });
  const left = el('span', { 'aria-live': 'off' });
  const button = el('button', { className: 'quiet does', ariaExpanded: 'false' }, words, left);
  const line = el('p', { className: 'notice effects', hidden: true }, mark(WARNING), button);
  button.addEventListener('click', () => {
    button.ariaExpanded = String(line.classList.toggle('whole'));
  });
  let ends = Infinity;
  // Without the hub, nobody knows what is on; the next state of the room says it.
  live.on('lost', (lost) => {
    if (lost) line.hidden = true;
  });
  live.on('room', ({ effects: all, paused }) => {
    line.hidden = all.length === 0 && !paused;
    write(words, (paused ? 'The presenter has paused the feed. ' : '')
      + sentence('The presenter', all.filter(({ you }) => !you))
      + sentence('For this device alone, the presenter', all.filter(({ you, by }) => you && by !== 'you'))
      + sentence('For this device alone, the workshop', all.filter(({ by }) => by === 'you'))
      + notHere(all));
    button.title = words.textContent;
    ends = Math.min(...all.map((effect) => (effect.left ? now() + 1000 * effect.left : Infinity)));
    tick();
  });
  const tick = () => {
    write(left, ends === Infinity ? '' : `Ends by itself in ${wholeSeconds(ends - now())}.`);
  };
  setInterval(tick, 1000);
  return line;
}

// The applications of the gallery have a server of their own, but for the chat.
function notHere(effects) {
  const elsewhere = effects.filter(({ technique }) => technique && technique !== 'gallery');
  if (!location.pathname.endsWith('/gallery') || elsewhere.length === 0) return '';
  const most = elsewhere.some(({ technique }) => technique === 'websocket') ? ', but for the chat,' : '';
  return `The applications here${most} have another server, and go on. `;
}

function sentence(subject, effects) {
  return effects.length ? `${subject} ${does(effects)}. ` : '';
}
