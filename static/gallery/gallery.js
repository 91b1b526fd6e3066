// What the pages of all applications have: the way back, their two sources, and the state of the
// connection in words. The technique itself is in each client.js.
import { el, write } from '/shared/dom.js';
import { navigation } from '/shared/nav.js';
import { backoff, now } from '/shared/time.js';

const { application } = document.documentElement.dataset;
const main = document.querySelector('main');
const words = el('p', { className: 'state', role: 'status' }, 'Connecting …');
let connection;
let start = () => {};
let failures = 0; // in a row; each may double the next wait
let cursor = ''; // id of the newest event
let isBack = true; // since the connection was lost, an event has come
let run = ''; // of the server: the first part of an id

if (window === parent) {
  const back = el('a', { href: '/' }, 'Applications');
  const source = (href, text) => el('a', { href }, text);
  document.body.prepend(el('header', {}, navigation('Gallery', [back,
    source(`/${application}/client.js`, 'client.js'),
    source(`/${application}/${application}.rs`, `${application}.rs`)])));
} else {
  document.documentElement.classList.add('framed');
}
main.querySelector('.idea').after(words);

// Keeps a connection while the page is shown. `open` returns what has `close`: an EventSource, a
// WebSocket … Returns what opens another one instead.
export function connect(open) {
  start = () => {
    connection?.close();
    connection = open();
  };
  // A page in the back/forward cache must hold no connection.
  addEventListener('pagehide', () => connection.close());
  addEventListener('pageshow', ({ persisted }) => persisted && start());
  start();
  return start;
}

export function opened() {
  accepted();
  showState('Connected', 'open');
}

// The server takes what it is sent: the next wait is short again.
export function accepted() {
  failures = 0;
}

// Counts an event by its id, and reports what was missed when the connection was lost.
export function counted(id) {
  const [run, seq] = id.split('-');
  const [runBefore, seqBefore] = cursor.split('-');
  cursor = id;
  if (isBack) return;
  isBack = true;
  const step = Number(seq) - Number(seqBefore) - 1;
  report('resumed', { restarted: run !== runBefore, missed: run === runBefore ? Math.max(0, step) : 0,
    doubled: run === runBefore && step < 0 ? 1 : 0 });
}

// What a page has is of one run of the server, and gone with it. Shows that another one began.
export function showRestart(id) {
  const before = run;
  [run] = id.split('-');
  if (before && run !== before) showState('Connected: the server restarted, and begins anew', 'open');
}

// The connection is lost. An EventSource that is not closed reconnects by itself; for all others
// the next one opens after a while.
export function lost(reason = 'The connection is lost') {
  if (connection?.readyState === EventSource.CONNECTING) {
    return showState(`${reason}: the browser reconnects`, 'lost');
  }
  const wait = backoff(failures++);
  showState(`${reason}: reconnecting in ${Math.ceil(wait / 1000)} s`, 'lost');
  setTimeout(() => start(), wait);
}

// What is going on, for eyes and screen readers. `state` is open, lost or stale.
export function showState(text, state) {
  write(words, text);
  document.body.dataset.state = state;
  if (state === 'lost') isBack = false;
  report(state);
}

// Tells the page around this one, if it is of the same host, what happens here.
export function report(type, details = {}) {
  if (window === parent || !document.referrer) return;
  const { hostname, origin } = new URL(document.referrer);
  if (hostname !== location.hostname) return;
  parent.postMessage({ application, event: { type, time: now(), ...details } }, origin);
}
