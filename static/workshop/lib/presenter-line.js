// A line on the presenter's pages: whether the workshop is connected, and what it refused.
import { now } from '/shared/time.js';
import { live } from '/workshop/lib/live.js';
import { whyLost } from '/workshop/lib/lost.js';

const REFUSAL_TTL = 6000; // ms for which a refusal stays

// `enable` gets whether there is a connection, so that the page can disable its buttons; `words` say
// what a lost one means. Returns a function for a page that has a second connection, for results: it
// takes whether that one is lost.
export function presenterLine(box, enable, words = 'Nothing can be done from here.') {
  let shown = ''; // the same words are not announced twice
  let refused = -Infinity; // when the hub last refused a command
  const lost = new Map(); // connection → why there is none
  const say = (what, ...parts) => {
    if (what === shown) return;
    shown = what;
    box.className = what === 'connected' ? 'unseen' : 'told';
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
    if (!why) return; // it is connected again with its first message
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
