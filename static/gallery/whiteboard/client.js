// Whiteboard: what this page draws is numbered, and kept until the server
// acknowledges it. What all draw comes back as a log, read by cursor. So a cut loses
// nothing in either direction.
import { drawKey } from '/form.js';
import { accepted, connect, lost, report, showState } from '/gallery.js';
import { presenterControls } from '/presenter.js';
import { Board } from '/whiteboard/board.js';
import { openSocket } from '/whiteboard/socket.js';
import { announce } from '/whiteboard/spoken.js';

const OUTBOX_CAPACITY = 2000; // messages: half a minute without a connection
const pen = drawKey(); // told to nobody but the server
const board = new Board(draw);
let socket;
let welcomed = false; // by this socket: before, what is drawn waits in the outbox
let cursor = ''; // id of the last entry of the board
let number = 0; // of the last message of this page
let outbox = []; // drawn, and not acknowledged yet

connect(() => {
  const next = outbox[0]?.number ?? number + 1;
  const query = new URLSearchParams({ pen, next: String(next) });
  if (cursor) query.set('after', cursor);
  welcomed = false;
  socket = openSocket(`/whiteboard/socket?${query}`, read, lost);
  return socket;
});

function read(message, bytes) {
  if (message.welcome) return welcome(message.welcome);
  if (message.acknowledged) return acknowledge(message.acknowledged);
  if (message.gap) return begin(message.gap);
  if (!message.id) return; // {"heartbeat":true}
  cursor = message.id;
  board.add(message, bytes, outbox);
  report('ink', { id: cursor });
}

// Sends again what the server has not got. What it has is not drawn twice.
function welcome({ pen: own, acknowledged }) {
  board.pen = own;
  showState('Connected', 'open');
  acknowledge(acknowledged);
  outbox.forEach(send);
  welcomed = true;
  if (outbox.length) report('resent', { count: outbox.length });
}

function acknowledge(newest) {
  outbox = outbox.filter((message) => message.number > newest);
  board.showWaiting(outbox.length);
  if (outbox.length === 0) accepted();
}

// The points of one animation frame. Returns whether they are drawn.
function draw(stroke, points) {
  if (outbox.length === OUTBOX_CAPACITY) return false;
  outbox.push({ number: ++number, stroke, points });
  board.showWaiting(outbox.length);
  if (welcomed && socket.readyState === WebSocket.OPEN) send(outbox.at(-1));
  return true;
}

const send = (message) => socket.send(JSON.stringify(message));

// What was missed is no longer kept, or the server restarted: the board begins anew.
function begin({ id, restarted }) {
  cursor = id;
  board.begin(outbox);
  if (!restarted) return;
  showState('Connected: the server restarted, and the board is a new one', 'open');
  announce('The server restarted: the board is empty.');
}

presenterControls(['Undo the last stroke', 'DELETE', '/whiteboard/ink/newest'],
  ['Wipe the board', 'DELETE', '/whiteboard/ink']);
