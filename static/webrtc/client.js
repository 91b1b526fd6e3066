// WebRTC: two pages meet through a server. Then each sends its samples to the other.
import { Lanes } from '/channels.js';
import { Path } from '/path.js';
import { Room } from '/room.js';
import { drained, isFull, publish } from '/samples.js';
import { signalling } from '/signalling.js';
import { Page } from '/shared/page.js';
import { endPauses, pause } from '/shared/time.js';

const RESTART_DELAY = 1000; // ms that a lost connection gets to come back by itself
const RESTART_INTERVAL = 5000; // ms that new addresses get to be tried

const page = new Page(start);
const room = new Room((network) => say({ network }));
const path = new Path(() => say({ account: null }));
/** @type {(message: object) => boolean} */
let say = () => false; // to the server, and returns whether it is there
let peer = null; // the RTCPeerConnection with the other page
let channels = {};
let restarting = null; // the connection that is being brought back
const lanes = new Lanes(page, () => channels);
let offers = false; // this page makes the offers: it came second

async function start(stopped) {
  stopped.addEventListener('abort', disconnect);
  void publish(stopped, () => room.interval, send);
  await signalling(stopped, room, { attempt, lost, hear, use: (socket) => (say = socket) });
}

// The way to the server. When the two are connected, they need it no more.
function attempt(url) {
  if (peer?.connectionState !== 'connected') page.request(url);
}

function lost(error, wait) {
  path.serverGone = true;
  if (peer?.connectionState === 'connected') page.message('server gone');
  else page.failed(error, wait);
}

// Both pages make the same two channels, so neither has to announce them. Over UDP, what is lost
// is sent again, unless a channel is told not to.
function connect() {
  disconnect();
  lanes.reset();
  if (!window.RTCPeerConnection) return;
  const own = (peer = new RTCPeerConnection()); // without STUN or TURN servers: one network
  const channel = (name, id, options) =>
    open(name, own.createDataChannel(name, { negotiated: true, id, ...options }));
  channels = {
    reliable: channel('reliable', 1),
    lossy: channel('lossy', 2, { ordered: false, maxRetransmits: 0 }),
  };
  own.onicecandidate = ({ candidate }) => {
    path.found(candidate);
    say({ candidate });
  };
  own.onconnectionstatechange = () => own === peer && changed(own.connectionState);
  path.follow(own);
}

function disconnect() {
  peer?.close();
  peer = null;
}

function open(name, channel) {
  channel.onopen = () => name === 'reliable' && page.opened();
  channel.onclose = () => channels[name] === channel && peer && broken('a channel was closed');
  // What a channel still delivers when its connection was replaced is not counted with the new one.
  channel.onmessage = ({ data }) => channels[name] === channel && receive(name, JSON.parse(data));
  return channel;
}

function changed(state) {
  path.changed(state);
  if (state === 'connected' && channels.reliable.readyState === 'open') page.opened();
  if (state === 'disconnected' || state === 'failed') broken('the other page does not answer');
}

function broken(reason) {
  page.failed(new Error(reason), RESTART_DELAY);
  void restart(peer);
}

// The same connection over new addresses (ICE restart), until it works. What is on its way
// stays on its way.
async function restart(lost) {
  if (restarting === lost) return;
  restarting = lost;
  for (let attempt = 0; ; attempt++) {
    await pause(attempt ? RESTART_INTERVAL : RESTART_DELAY, new AbortController().signal);
    // After long silence, Firefox gives DTLS up, or SCTP. That takes another connection; of two
    // pages, the one that makes the offers may not have noticed.
    const dead = lost.sctp?.transport.state === 'failed' || channels.reliable.readyState === 'closed';
    if (lost !== peer || (lost.connectionState === 'connected' && !dead)) break;
    if (!offers && !(dead && attempt)) continue;
    if (dead) connect();
    else lost.restartIce();
    await offer();
  }
  if (restarting === lost) restarting = null;
}

async function offer() {
  if (!peer) return;
  await peer.setLocalDescription();
  say({ description: peer.localDescription });
}

async function accept(description) {
  // Another connection than before: the other page was loaded anew.
  const other = peer?.remoteDescription && session(description) !== session(peer.remoteDescription);
  if (!peer || other) connect();
  if (!peer || (other && description.type === 'answer')) return offer();
  await peer.setRemoteDescription(description);
  if (description.type === 'answer') return;
  await peer.setLocalDescription();
  say({ description: peer.localDescription });
}

const session = ({ sdp }) => sdp.match(/^o=\S+ (\d+)/m)?.[1];

// What the server says, one after the other.
async function hear({ welcome, joined, left, description, candidate, sample, network, account }) {
  if (welcome) [path.serverGone, offers] = [false, welcome.offer];
  if (welcome && !window.RTCPeerConnection) path.none();
  if (joined === null) offers = false;
  if (joined === null || welcome?.offer) room.joined();
  if (left === null) room.left();
  if (welcome?.offer && peer?.connectionState !== 'connected') {
    connect();
    await offer();
  }
  if (description) await accept(description);
  if (candidate !== undefined) {
    path.told(candidate);
    await peer?.addIceCandidate(candidate);
  }
  if (sample) receive('server', sample);
  if (account !== undefined) path.relayed(account);
  if (network) await use(network);
}

async function use(network) {
  const { way, loss, mended } = room.changed(network);
  path.use(network);
  if (loss) lanes.reset();
  if (mended) endPauses(); // that of a restart, too
  if (!way || !offers) return;
  connect(); // another way needs another connection
  await offer();
}

// Sends one sample of this page's own, on both channels; or by way of the server. Returns
// whether there was a way.
async function send(sample) {
  const isOpen = peer && channels.reliable?.readyState === 'open';
  const byServer = room.way === 'server' || path.failed;
  if (byServer ? !say({ sample }) : !isOpen) return false;
  for (const [name, channel] of byServer ? [] : Object.entries(channels)) {
    if (isFull(channel)) { // back pressure
      lanes.waited(name);
      await drained(channel);
    }
    if (channel.readyState === 'open') channel.send(JSON.stringify(sample));
  }
  page.sent('sample');
  room.sent();
  return true;
}

function receive(lane, sample) {
  lanes.add(lane, sample);
  if (lane !== 'lossy') page.sample(sample);
}
