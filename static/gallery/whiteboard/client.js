// Whiteboard: what this page draws is numbered, and kept until the server acknowledges it. What
// all draw comes back as a log, read by cursor. So a cut loses nothing in either direction.
import { connect, lost, opened, report, showState } from '/gallery.js';
import { presenterControls } from '/presenter.js';
import { idleTimeout } from '/shared/time.js';
import { Board } from '/whiteboard/board.js';
import { announce, announceInk } from '/whiteboard/spoken.js';

const OUTBOX_CAPACITY = 2000; // messages: half a minute of drawing without a connection
const pen = crypto.getRandomValues(new Uint32Array(3)).join('-'); // told to nobody but the server
const board = new Board(draw);
let socket;
let welcomed = false; // by this socket: before, what is drawn waits behind the outbox
let cursor = ''; // id of the last entry of the board
let number = 0; // of the last message of this page
let outbox = []; // drawn, and not acknowledged yet

connect(() => {
  const query = new URLSearchParams({ pen, next: outbox[0]?.number ?? number + 1 });
  if (cursor) query.set('after', cursor);
  const own = new WebSocket(`/whiteboard/socket?${query}`);
  socket = own;
  welcomed = false;
  const ended = (reason) => {
    if (socket !== own) return; // another one is open already
    socket = undefined;
    own.close();
    lost(reason);
  };
  // A heartbeat comes every 15 s.
  const resetTimeout = idleTimeout(40_000, ({ message }) => ended(message));
  own.onmessage = ({ data }) => {
    resetTimeout();
    if (socket === own) read(JSON.parse(data), data.length);
  };
  own.onclose = ({ reason }) => ended(reason || undefined);
  return own;
});

function read(message, bytes) {
  if (message.welcome) return welcome(message.welcome);
  if (message.acknowledged) return acknowledge(message.acknowledged);
  if (message.gap) return begin(message.gap);
  if (!message.id) return; // {"heartbeat":true}
  cursor = message.id;
  board.add(message, bytes, outbox);
  announceInk(message, board.pen);
  report('ink', { id: cursor });
}

// Sends again what the server has not got. What it has is not drawn twice.
function welcome({ pen: own, acknowledged }) {
  board.pen = own;
  opened();
  acknowledge(acknowledged);
  outbox.forEach((message) => socket.send(JSON.stringify(message)));
  welcomed = true;
  if (outbox.length) report('resent', { count: outbox.length });
}

function acknowledge(newest) {
  outbox = outbox.filter((message) => message.number > newest);
  board.showWaiting(outbox.length);
}

// The points of one animation frame. Returns whether they are drawn.
function draw(stroke, points) {
  if (outbox.length === OUTBOX_CAPACITY) return false;
  const message = { number: ++number, stroke, points };
  outbox.push(message);
  board.showWaiting(outbox.length);
  if (welcomed && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  return true;
}

// What was missed is no longer kept, or the server restarted: the board begins anew.
function begin({ id, restarted }) {
  cursor = id;
  board.begin(outbox);
  if (restarted) {
    showState('Connected: the server restarted, and the board is a new one', 'open');
    announce('The server restarted: the board is empty.');
  }
}

presenterControls(['Undo the last stroke', 'DELETE', '/whiteboard/ink/newest'],
  ['Wipe the board', 'DELETE', '/whiteboard/ink']);
