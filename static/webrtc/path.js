// How the two pages reach each other, in words; and what is the matter when they do not.
import { write } from '/shared/dom.js';
import { formatNumber, percent, roundTrip } from '/shared/format.js';
import { NO_WEBRTC, reason } from '/reason.js';

const STATS_INTERVAL = 1000; // ms
const CONNECT_TIMEOUT = 5000; // ms after which two pages that have not connected get a reason

export class Path {
  failed = ''; // why samples have to go by way of the server
  serverGone = false;
  #element = document.querySelector('#path');
  #askRelay;
  #peer;
  #found = 0; // addresses of this page
  #told = ''; // the other page's last candidate
  #network = { relayed: false, cut: false };
  #account = null;
  #timer;

  constructor(askRelay) {
    this.#askRelay = askRelay;
    setInterval(() => void this.#describe(), STATS_INTERVAL);
  }

  // A new connection.
  follow(peer) {
    [this.#peer, this.#found, this.failed] = [peer, 0, ''];
    this.#expect();
  }

  // This browser can't.
  none() {
    this.failed = NO_WEBRTC;
    this.#show();
  }

  // An address of this page, or null when there are no more.
  found(candidate) {
    if (candidate?.candidate) this.#found++;
    else if (candidate === null && !this.#found) this.#fail();
  }

  told(candidate) {
    this.#told = candidate?.candidate || this.#told;
  }

  changed(state) {
    if (state === 'failed') this.#fail();
    if (state !== 'connected') return this.#expect();
    clearTimeout(this.#timer);
    this.failed = '';
  }

  use(network) {
    this.#network = network;
    if (!network.relayed) this.#account = null;
  }

  relayed(account) {
    this.#account = account;
  }

  // Within some seconds, the two are connected; otherwise it says what is the matter.
  #expect() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#peer.connectionState !== 'connected' && this.#fail(), CONNECT_TIMEOUT);
  }

  #fail() {
    const { userAgent } = navigator;
    const facts = { serverGone: this.serverGone, found: this.#found, told: this.#told, userAgent };
    this.failed = reason({ ...this.#network, ...facts });
  }

  #show() {
    const instead = this.serverGone ? '' : ' Samples go by way of the server until then.';
    write(this.#element, this.failed + instead);
  }

  async #describe() {
    if (!this.#peer) return;
    if (this.failed) return this.#show();
    const stats = await this.#peer.getStats();
    const all = [...stats.values()];
    const of = (kind) => all.filter(({ type }) => type === kind);
    const addresses = `Found here: ${list(of('local-candidate').filter(({ protocol }) => protocol === 'udp'))}.`;
    if (this.#peer.connectionState !== 'connected') {
      return write(this.#element, `Connecting: ${this.#peer.iceConnectionState}. ${addresses}`);
    }
    const pair = stats.get(of('transport')[0]?.selectedCandidatePairId)
      ?? of('candidate-pair').find(({ nominated, state }) => nominated && state === 'succeeded');
    if (!pair) return;
    const [local, remote] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
    const { relayed } = this.#network;
    if (relayed) this.#askRelay();
    const other = relayed ? `relay ${remote.address}:${remote.port}` : describe(remote);
    const time = pair.currentRoundTripTime;
    write(this.#element, `${addresses} Chosen: ${describe(local)}, to ${other}. ${local.protocol.toUpperCase()}`
      + `${time ? `, round trip ${roundTrip(1000 * time)}` : ''}.`
      + `${relayed && this.#account ? this.#relay() : ''}`);
  }

  #relay() {
    const { up, down } = this.#account;
    const sum = (name) => up[name] + down[name];
    return ` The relay saw ${formatNumber(sum('received'))} datagrams, ${formatNumber(sum('lost'))} lost. `
      + `${percent(sum('opaque_bytes'), sum('delivered_bytes'))} of the bytes are encrypted: nobody between `
      + 'can read them.';
  }
}

const KINDS = {
  host: 'own address',
  srflx: 'as a STUN server sees it',
  prflx: 'as the other page sees it',
  relay: 'address of a TURN server',
};

const hidden = ({ address }) => !address || !/^[\d.:a-f]+$/.test(address); // a name, or "(redacted)"
const kind = ({ candidateType }) => KINDS[candidateType] ?? candidateType;

// An end of the path: "own address 192.168.1.20:54321".
const describe = (candidate) =>
  (hidden(candidate) ? kind(candidate) : `${kind(candidate)} ${candidate.address}:${candidate.port}`);

// All that were found, each kind once: "2 × own address".
function list(candidates) {
  const named = (candidate) => kind(candidate) + (hidden(candidate) ? ', hidden (mDNS)' : '');
  const counts = Map.groupBy(candidates, named);
  return [...counts].map(([words, { length }]) => `${length} × ${words}`).join('; ') || 'nothing yet';
}
