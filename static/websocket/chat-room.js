// The chat's room on a projector: what guests say, in large letters, and where to join.
import { el, write } from '/shared/dom.js';
import { fetchJoin, invitation } from '/shared/join.js';
import { backoff, idleTimeout } from '/shared/time.js';

const MESSAGES_CAPACITY = 30;
const said = document.querySelector('#said');
const state = document.querySelector('#state');
let socket;
let failures = 0; // in a row; each may double the next wait

function connect() {
  const own = new WebSocket('/chat', ['chat']);
  socket = own;
  const ended = () => {
    if (socket !== own) return; // the page was left, or has another one
    socket = undefined;
    own.close();
    const wait = backoff(failures++);
    document.body.dataset.state = 'closed';
    write(state, `The connection is lost: reconnecting in ${Math.ceil(wait / 1000)} s`);
    setTimeout(connect, wait);
  };
  const resetTimeout = idleTimeout(40_000, ended); // a heartbeat comes every 15 s
  own.onopen = () => {
    failures = 0;
    document.body.dataset.state = 'open';
    write(state, 'Connected');
  };
  own.onmessage = ({ data }) => {
    resetTimeout();
    const message = JSON.parse(data).said;
    if (message) show(message);
  };
  own.onclose = ended;
}

// The text of guests goes in as text, so it never becomes markup. The newest is at the end.
function show({ name, text }) {
  said.append(el('p', {}, el('b', {}, el('bdi', {}, name)), ' ', el('bdi', {}, text)));
  while (said.children.length > MESSAGES_CAPACITY) said.firstChild.remove();
  said.scrollTop = said.scrollHeight;
}

addEventListener('pagehide', () => {
  const leaving = socket;
  socket = undefined;
  leaving?.close();
});
addEventListener('pageshow', ({ persisted }) => persisted && connect());
connect();
document.querySelector('.join').append(
  ...invitation(await fetchJoin(), 'cargo run -p websocket -- --lan'));
