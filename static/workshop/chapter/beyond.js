// The live page of a demo that runs alone, beside the workshop: in a frame while it listens, and
// otherwise the command that starts it. Its cards are beside it, as those of the five.
import { Clock } from '/shared/clock.js';
import { el } from '/shared/dom.js';
import { card } from '/workshop/lib/cards.js';
import { Evidence } from '/workshop/lib/evidence.js';
import { BEYOND_EXPERIMENTS } from '/workshop/lib/experiments-beyond.js';
import { frame } from '/workshop/lib/frames.js';
import { portHere, setup } from '/workshop/lib/setup.js';
import { title } from '/workshop/lib/techniques.js';

const USUAL_HUB = 3000;
const RETRY_INTERVAL = 5000; // ms after which a demo that said nothing is looked for again

// Chapter → its demo, and the port that this has by default.
const DEMOS = {
  webrtc: { technique: 'webrtc', port: 3007 },
  push: { technique: 'push', port: 3009 },
};

// The live page and the cards of a chapter; undefined for one without such a demo.
export async function beyond(chapter, live) {
  if (!DEMOS[chapter]) return undefined;
  const { technique, port: usual } = DEMOS[chapter];
  const { port: hub } = await setup;
  const port = usual + hub - USUAL_HUB; // with another --base-port, it has another one, too
  const evidence = new Evidence(live, technique, new Clock());
  let heard = false;
  const page = await frame(technique, (event) => {
    heard = true;
    show();
    evidence.add(event);
  }, { origin: `${location.protocol}//${location.hostname}:${await portHere(port)}` });
  const command = el('p', { role: 'status' }, `${title(technique)} runs alone. Start it on this machine with `,
    el('code', {}, `cargo run -p ${technique}${port === usual ? '' : ` -- --port ${port}`}`), ', and it appears here.');
  const show = () => {
    page.hidden = !heard;
    command.hidden = heard;
  };
  show();
  // A browser's own page of an error tells nobody of it: the frame is loaded again.
  const retry = setInterval(() => {
    if (heard) clearInterval(retry);
    else page.setAttribute('src', page.src);
  }, RETRY_INTERVAL);
  const cards = BEYOND_EXPERIMENTS[technique].map((one) => card(technique, one, evidence, live));
  return el('section', { className: 'lab', 'aria-label': 'Live page and experiments' },
    el('div', { className: 'live' }, command, page),
    el('section', { id: 'try', 'aria-labelledby': 'try-title' },
      el('h2', { id: 'try-title' }, 'Try this'), el('ol', { className: 'cards' }, ...cards)));
}
