// The line on top of the presenter's pages: whether the workshop does what it is told.
import { now } from '/shared/time.js';
import { live } from '/workshop/live.js';
import { whyLost } from '/workshop/lost.js';

const NOTE = 6000; // ms for which a refusal stays

// What can't work now can't be pressed: `enable` gets whether there is a connection.
export function presenterLine(box, enable) {
  let shown = ''; // it is told again only when it is another
  let refused = -Infinity; // when the hub last did not do what it was told
  const say = (what, ...words) => {
    if (what === shown) return;
    shown = what;
    box.className = what === 'connected' ? 'unseen' : '';
    box.replaceChildren(...words);
  };
  live.on('lost', (lost) => {
    if (!lost) return;
    enable(false);
    refused = -Infinity;
    say(lost, '✕ Nothing can be done from here. ', ...whyLost(lost));
  });
  live.on('error', (error) => {
    refused = now();
    say(error, `✕ The workshop refused that: ${error}`);
  });
  live.on('room', () => {
    enable(true);
    if (now() > refused + NOTE) say('connected', 'Connected to the workshop.');
  });
}
