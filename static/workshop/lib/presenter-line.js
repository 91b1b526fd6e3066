// A line on the presenter's pages: whether the workshop does what it is told.
import { now } from '/shared/time.js';
import { live } from '/workshop/lib/live.js';
import { whyLost } from '/workshop/lib/lost.js';

const REFUSAL_TTL = 6000; // ms for which a refusal stays

// What can't work now can't be pressed: `enable` gets whether there is a connection; `words` say
// what that means. Returns a function for a page that has a second one, for results: it is told
// whether that one is lost.
export function presenterLine(box, enable, words = 'Nothing can be done from here.') {
  let shown = ''; // it is told again only when it is another
  let refused = -Infinity; // when the hub last did not do what it was told
  const lost = new Map(); // connection → why there is none
  const say = (what, ...parts) => {
    if (what === shown) return;
    shown = what;
    box.className = what === 'connected' ? 'unseen' : '';
    box.replaceChildren(...parts);
  };
  const update = () => {
    const [why] = lost.values();
    enable(!why);
    if (why) {
      refused = -Infinity;
      say(why, `✕ ${words} `, ...whyLost(why));
    } else if (now() > refused + REFUSAL_TTL) say('connected', 'Connected to the workshop.');
  };
  live.on('lost', (why) => {
    if (!why) return; // it is connected when it says something
    lost.set('live', why);
    update();
  });
  live.on('error', (error) => {
    refused = now();
    say(error, `✕ Not done: ${error}`);
  });
  live.on('room', () => {
    lost.delete('live');
    update();
  });
  return (resultsLost) => {
    if (resultsLost) lost.set('results', 'silent');
    else if (!lost.delete('results')) return;
    update();
  };
}
