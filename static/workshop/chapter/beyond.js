// The live page of a demo that runs alone, beside the workshop: in a frame while it listens, and
// otherwise the command that starts it. Its cards are beside it, as those of the five.
import { Clock } from '/shared/clock.js';
import { el } from '/shared/dom.js';
import { card, code } from '/workshop/lib/cards.js';
import { Evidence } from '/workshop/lib/evidence.js';
import { BEYOND_EXPERIMENTS } from '/workshop/lib/experiments-beyond.js';
import { frame } from '/workshop/lib/frames.js';
import { portHere, setup } from '/workshop/lib/setup.js';
import { title } from '/workshop/lib/techniques.js';

const RETRY_INTERVAL = 5000; // ms after which a demo that said nothing is looked for again

const HUB_PORT = 3000; // by default: with another --base-port, the demos have others, too

// Chapter → its demos, and how far above the hub's port each listens.
const DEMOS = {
  webrtc: [{ technique: 'webrtc', offset: 7 }],
  push: [{ technique: 'push', offset: 9 }],
  libraries: [{ technique: 'fallback', offset: 10 }, { technique: 'mqtt', offset: 11 }],
};

// The live pages and the cards of a chapter; none for one without such demos.
export const beyond = (chapter, live) =>
  Promise.all((DEMOS[chapter] ?? []).map((demo) => section(demo, live)));

async function section({ technique, offset }, live) {
  const { port: hub } = await setup;
  const port = hub + offset;
  const start = `cargo run -p ${technique}${hub === HUB_PORT ? '' : ` -- --port ${port}`}`;
  const evidence = new Evidence(live, technique, new Clock());
  const name = title(technique);
  let heard = false;
  const page = await frame(technique, (event) => {
    heard = true;
    show();
    evidence.add(event);
  }, { origin: `${location.protocol}//${location.hostname}:${await portHere(port)}` });
  const command = el('p', { role: 'status' }, `${name} runs alone. Start it on this machine with `,
    code(start), ', and it appears here.');
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
  const heading = `try-${technique}`;
  return el('section', { className: 'lab', 'aria-label': `${name}: live page and experiments` },
    el('div', { className: 'live' }, command, page),
    el('section', { 'aria-labelledby': heading },
      el('h2', { id: heading }, `Try this: ${name}`), el('ol', { className: 'cards' }, ...cards)));
}
