// Mail: ask, wait in the server until there is a letter, ask for what comes after
// it.
import { showState } from '/gallery.js';
import { show, Ring } from '/mail/inbox.js';
import { writeAs } from '/mail/letter.js';
import { presenterControls } from '/presenter.js';
import { lifecycle } from '/shared/lifecycle.js';
import { Refusal, backoff, pause } from '/shared/time.js';

const owner = document.querySelector('#owner');
const ring = new Ring();
let polling = new AbortController(); // aborted for another inbox, and when left
let inbox = ''; // that is shown: the name field may hold the next one already
let cursor = ''; // id of the last letter: so the next answer has all after it
let failures = 0; // in a row; each may double the next wait

async function start({ signal }) {
  while (!signal.aborted) {
    try {
      await poll(signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      const wait = backoff(failures++, error.retryAfter);
      const reason = error instanceof Refusal ? error.message : 'No connection';
      showState(`${reason}: asking again in ${Math.ceil(wait / 1000)} s`, 'lost');
      await pause(wait, signal);
    }
  }
}

// The server holds the request for 30 s: after 75 s of silence, the connection is
// dead.
async function poll(signal) {
  const query = new URLSearchParams({ inbox });
  if (cursor) query.set('after', cursor);
  showState(`Waiting for letters to ${inbox}`, 'open');
  const response = await fetch(`/mail/letters?${query}`, { cache: 'no-store',
    signal: AbortSignal.any([signal, AbortSignal.timeout(75_000)]) });
  const { ok, status, headers } = response;
  if (!ok) {
    throw new Refusal(status, headers.get('Retry-After'), await response.text());
  }
  if (status === 204) return;
  const letters = await response.json();
  const gap = JSON.parse(headers.get('Feed-Gap'));
  letters.forEach((letter) => show(letter, gap));
  if (cursor && !gap?.restarted) ring.ring(letters);
  cursor = letters.at(-1).id;
}

// A click, without which a browser plays no sound.
owner.addEventListener('submit', (event) => {
  event.preventDefault();
  ring.allow();
  open();
});

function open() {
  polling.abort();
  polling = new AbortController();
  inbox = owner.elements.name.value.trim();
  writeAs(inbox);
  cursor = '';
  document.querySelector('#inbox').replaceChildren();
  document.querySelector('#letter').hidden = false;
  void start(polling);
}

// A page that is left, or slept, asks again with its cursor, and nothing is lost.
function resume() {
  if (document.querySelector('#letter').hidden) return; // no inbox is open
  polling.abort();
  polling = new AbortController();
  void start(polling);
}
lifecycle({ leave: () => polling.abort(), comeBack: resume, reconnect: resume });
presenterControls(['Delete all letters and inboxes', 'DELETE', '/mail/inboxes']);
