// The notices of this page: which way a push takes here, and what stands in it; what became of one;
// what was missed; since when the server does not answer.
import { write } from '/shared/dom.js';
import { duration, timeToTheSecond } from '/shared/format.js';
import { now } from '/shared/time.js';
import { stored } from '/storage.js';

const place = (name) => document.querySelector(`#${name}`);
const tell = (name, text) => write(place(name), text);

const LOCAL = `http://localhost:${location.port}/`;
const local = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
const number = (id) => `#${id.split('-').at(-1)}`;

let at = new URLSearchParams(location.search).get('at'); // the sample whose notification was clicked
let answers = 0; // since this page was loaded

// What became of a message, by the server's word for it.
const OUTCOMES = {
  accepted: ({ status, ms }) => `${status}, accepted after ${duration(ms)}`,
  gone: ({ status }) => `${status}, the subscription has ended: forgotten`,
  too_large: ({ status }) => `${status}, the sample is too large`,
  later: ({ status, wait }) => `${status}, too many requests: nothing is sent for ${wait} s`,
  held: ({ wait }) => `not sent: it asked to wait, ${wait} s more`,
  other_key: ({ status }) => `${status}, subscribed with another key: subscribe again`,
  refused: ({ status }) => `${status}, refused`,
  failed: ({ why }) => `not sent: ${why}`,
};

export const say = {
  // The server has answered, with what was published after the cursor `before`.
  answered(samples, before) {
    answers++;
    stored.set('answered', String(now()));
    if (samples.length) stored.set('newest', JSON.stringify(samples.at(-1)));
    tell('alone', '');
    if (at) this.opened(at, samples, before);
    at = null;
  },

  // A notification was clicked.
  opened(id, samples, before) {
    const data = samples?.find((sample) => sample.id === id)?.data;
    const since = before && ` ${samples.length} published since ${number(before)}, where this page was closed.`;
    tell('opened', `Opened${id && ` at ${number(id)}`}${data ? ` ${data}` : ''}, by its notification.${since || ''}`);
  },

  // The server does not answer. If it has not since this page was loaded, the service worker has
  // kept the page, and this browser the newest sample.
  alone() {
    const since = Number(stored.get('answered'));
    tell('alone', `No response from the server${since ? ` since ${timeToTheSecond(since)}` : ''}.`
      + (answers ? '' : ' The service worker has kept this page.'));
    const newest = JSON.parse(stored.get('newest') ?? 'null');
    if (answers || !newest) return;
    const parts = { value: newest.data, number: `#${newest.seq}`, age: 'kept here' };
    for (const [name, text] of Object.entries(parts)) write(document.querySelector(`.${name}`), text);
  },

  subscribed(endpoint, service) {
    const { origin, host } = new URL(endpoint);
    tell('way', origin === service
      ? `Subscribed at our own push service, ${origin}: no internet is needed. Close this page, and push from another one.`
      : `Subscribed at ${host}, the push service of this browser's maker. Close this page, and push from another one.`);
  },

  // How each endpoint has answered.
  sent(reports) {
    const words = reports.map((report) => `${new URL(report.service).host}: ${OUTCOMES[report.outcome](report)}`);
    const counts = Map.groupBy(words, (word) => word);
    tell('result', [...counts].map(([word, all]) => (all.length > 1 ? `${all.length} × ${word}` : word)).join('; ')
      || 'Nobody is subscribed.');
  },
};

// Why a push does not come here; nothing, where it may.
function obstacle() {
  if (!isSecureContext) {
    return 'No service worker here, and so no push: a browser wants HTTPS, or a page of its own machine. '
      + `On the machine of this server: ${LOCAL}. Phones can't receive pushes from this page: it has no HTTPS.`;
  }
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) {
    return 'This browser has no Push API here (in a private window, or on an iPhone before the page is on the home screen).';
  }
  if (window !== parent && Notification.permission !== 'granted') {
    return `A browser asks for permission only on the page itself: open ${LOCAL}.`;
  }
  if (Notification.permission === 'denied') {
    return 'Notifications are blocked for this page: allow them in the settings of the site, beside its address.';
  }
  return '';
}

const KEEPS = 'The service worker keeps this page for when the server is gone.';

// Connects the buttons with client.js.
export function whenPressed({ register, subscribe, push, shown }) {
  const failed = (text) => (error) => tell('way', `${text}: ${error.message}`);
  const [subscribing, pushing] = [place('subscribe'), place('push')];
  const registered = obstacle() && !isSecureContext ? null : register();
  registered?.catch(failed('The service worker does not start'));

  const ask = async () => {
    if (await Notification.requestPermission() !== 'granted') {
      return tell('way', obstacle() || 'Not subscribed: no permission was given.');
    }
    tell('way', 'Asking the push service of this browser …');
    await subscribe(await registered);
    return undefined;
  };
  const unreachable = ({ message }) => tell('way', `Not subscribed (${message}). This browser's push `
    + 'service is on the internet. The button “Show how to push without internet” shows what goes without.');
  subscribing.addEventListener('click', () => ask().catch(unreachable));

  pushing.addEventListener('click', () => {
    if (!shown()) return tell('result', 'No sample yet.');
    tell('result', 'Sending …');
    return push().catch(({ message }) => tell('result', `Not pushed: ${message}`));
  });
  place('how').addEventListener('click', () => {
    const { id, seq, data } = shown() ?? { id: 'k3f9-17', seq: 17, data: 'ud8adpbt5tel0' };
    tell('payload', JSON.stringify({ id, seq, data }));
    /** @type {HTMLDialogElement} */ (place('offline')).showModal();
  });

  const why = obstacle();
  tell('way', why || `Not subscribed. ${KEEPS} On localhost, that needs no HTTPS.`);
  if (why) subscribing.hidden = true;
  if (!local) pushing.hidden = true;
  // Again each time: the server may have forgotten us.
  else if (!why && Notification.permission === 'granted') {
    registered?.then((registration) => registration.pushManager.getSubscription()
      .then((subscription) => subscription && subscribe(registration))).catch(() => {});
  }
}
