// What is the matter when two pages do not connect: a sentence, and what to do.

// `found`: how many addresses of its own the browser has; `told`: the other's last candidate.
export function reason({ serverGone, found, told, relayed, cut, userAgent }) {
  if (relayed && serverGone) return 'The relay ended with its server: start the server again.';
  if (relayed && cut) return 'The relay is cut: nothing passes it. Mend it.';
  if (!found) {
    return 'This browser found no address of its own: with no default route it does not look. '
      + 'Connect to a network that has a gateway.';
  }
  if (userAgent.includes('Firefox/') && / 127\.\S+ \d+ typ host/.test(told)) {
    return 'Firefox does not take 127.0.0.1 as the address of a relay: start the server with --lan.';
  }
  if (userAgent.includes('Macintosh')) {
    return 'macOS may keep this browser from the local network: '
      + 'System Settings, Privacy & Security, Local Network.';
  }
  if (relayed) {
    return 'Nothing comes through the relay: the firewall of its machine may let in TCP alone. Have it let in UDP, too.';
  }
  return 'The two found no way: their networks keep them apart, and there is no TURN server here.';
}

export const NO_WEBRTC = 'This browser has no RTCPeerConnection: it is old, or was told so. Use another one.';
