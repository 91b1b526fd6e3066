// How the two pages reach each other, in words; and what is the matter when they do not.
import { write } from '/shared/dom.js';
import { formatBytes, formatNumber, percent, roundTrip } from '/shared/format.js';

const STATS_INTERVAL = 1000; // ms
const CONNECT_TIMEOUT = 10_000; // ms after which two pages that have not connected get a reason

export class Path {
  failed = ''; // why samples have to go by way of the server
  #element = document.querySelector('#path');
  #askRelay;
  #peer;
  #candidates = 0;
  #account = null;
  #timer;

  constructor(askRelay) {
    this.#askRelay = askRelay;
    setInterval(() => void this.#describe(), STATS_INTERVAL);
  }

  // A new connection.
  follow(peer) {
    [this.#peer, this.#candidates] = [peer, 0];
    this.#expect();
  }

  // This browser can't.
  none() {
    this.failed = 'This browser has no RTCPeerConnection: it is old, or was told so. Use another one.';
    this.#show();
  }

  found(candidate) {
    if (candidate?.candidate) this.#candidates++;
  }

  changed(state) {
    if (state !== 'connected') return this.#expect();
    clearTimeout(this.#timer);
    this.failed = '';
  }

  relayed(account) {
    this.#account = account;
  }

  // Within some seconds, the two are connected; otherwise it says what is the matter.
  #expect() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#peer.connectionState !== 'connected') this.failed = this.#reason();
    }, CONNECT_TIMEOUT);
  }

  #reason() {
    const firefox = navigator.userAgent.includes('Firefox/');
    if (!this.#candidates) {
      return 'This browser found no address of its own: with no default route it does not look. '
        + 'Connect to a network that has a gateway.';
    }
    if (firefox && location.hostname.match(/^(localhost|127\.)/)) {
      return 'Firefox does not take 127.0.0.1 as the address of a relay: '
        + 'start with --lan, and open the page by that address.';
    }
    if (/Mac/.test(navigator.userAgent)) {
      return 'macOS may keep this browser from the local network: '
        + 'System Settings, Privacy & Security, Local Network.';
    }
    return 'The two found no way: their networks keep them apart, and there is no TURN server here.';
  }

  #show() {
    write(this.#element, `${this.failed} Samples go by way of the server until then.`);
  }

  async #describe() {
    if (!this.#peer) return;
    if (this.failed) return this.#show();
    if (this.#peer.connectionState !== 'connected') {
      write(this.#element, `Connecting: ${this.#peer.iceConnectionState}.`);
      return;
    }
    const stats = await this.#peer.getStats();
    const all = [...stats.values()];
    const { selectedCandidatePairId } = all.find(({ type }) => type === 'transport') ?? {};
    const pair = stats.get(selectedCandidatePairId)
      ?? all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
    if (!pair) return;
    const [local, remote] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
    const other = this.#account ? `the relay, ${remote.address}:${remote.port}` : describe(remote);
    this.#askRelay();
    write(this.#element, `This page: ${describe(local)}. The other: ${other}. ${local.protocol.toUpperCase()}, `
      + `round trip ${roundTrip(1000 * (pair.currentRoundTripTime ?? 0))}.${this.#relay()}`);
  }

  #relay() {
    if (!this.#account) return '';
    const { up, down } = this.#account;
    const sum = (name) => up[name] + down[name];
    return ` The relay saw ${formatNumber(sum('received'))} datagrams, and lost ${formatNumber(sum('lost'))}. `
      + `${percent(sum('opaque_bytes'), sum('delivered_bytes'))} of ${formatBytes(sum('delivered_bytes'))} `
      + 'are encrypted: nobody between can read them.';
  }
}

const KINDS = {
  host: 'own address',
  srflx: 'address as a STUN server saw it',
  prflx: 'address as the other page sees it',
  relay: 'address of a TURN server',
};

// An end of the path: "own address 192.168.1.20:54321".
function describe({ candidateType, address, port }) {
  const kind = KINDS[candidateType] ?? candidateType;
  if (!address) return `${kind}, hidden from scripts`;
  return address.endsWith('.local') ? `${kind}, hidden behind a name (mDNS)` : `${kind} ${address}:${port}`;
}
