// Where a session is opened, and what to do where none can be.

// How its samples travel: /?lane=stream
const query = new URLSearchParams(location.search);
const LANES = ['datagrams', 'stream', 'streams'];
export const lane = LANES.find((name) => name === query.get('lane')) ?? LANES[0];

// Why this page can't open a session; '' if it can.
export const obstacle = (() => {
  if (typeof WebTransport !== 'undefined') return '';
  if (!isSecureContext) {
    return `WebTransport needs a secure page: on the server's machine, open http://localhost:${location.port}; `
      + `elsewhere, its https page, after scripts/behind caddy --tls --port ${location.port}`;
  }
  return 'no WebTransport in this browser: take Chrome or Edge 97, Firefox 114, Safari 26.4, or newer';
})();

// { port, hash }: the UDP port, and the SHA-256 of the certificate of this day. `?port=4008`
// goes through a relay at that port.
export async function certificate(signal) {
  const { port, hash } = await (await fetch('/hash', { cache: 'no-store', signal })).json();
  return { port: query.get('port') ?? port, hash };
}

// When the page came over TCP, and no session opens over UDP.
export const refusedUdp = (port) =>
  `no session over UDP: let port ${port} through the firewall, or leave the VPN`;

// A TCP connection to `localhost` tries all of its addresses, Chromium's QUIC only the first,
// which may be ::1, where nobody listens.
const host = location.hostname === 'localhost' ? '127.0.0.1' : location.hostname;
export const sessionUrl = (port) => `https://${host}:${port}/${lane}`;
