// What the techniques are called: in every heading, list and navigation, of the workshop as of
// the demos.
export const TITLES = {
  'short-poll': 'Short polling',
  'long-poll': 'Long polling',
  'http-stream': 'HTTP streaming',
  sse: 'Server-sent events',
  websocket: 'WebSocket',
};

// Those that run alone, beside the five.
export const BEYOND = {
  webrtc: 'WebRTC',
  webtransport: 'WebTransport',
  push: 'Web Push',
  fallback: 'Fallback',
  mqtt: 'MQTT',
  gallery: 'Gallery',
};
