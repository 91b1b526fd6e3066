// What to expect of each effect on each technique. It follows from the five client.js: their
// time-outs, and how they reconnect.

const BACK = 'comes back by itself within half a second, with its cursor: 0 missed';
const GROWING = 'tries again after waits, each at random below a limit that doubles: 0.5 s, 1, 2, 4, 8';

// What slides ask of the desk, besides the effects of their chapter's cards.
export const ASKED = {
  'short-poll': ['refuse', 'stall'],
  'long-poll': ['stall'],
  sse: ['refuse', 'restart'],
  websocket: ['refuse', 'restart'],
};

export const EXPECT = {
  delay: {
    what: 'Every byte arrives later, in both directions.',
    'short-poll': 'Each poll takes twice the delay: the request waits, then the response.',
    'long-poll': 'News waits once, the next request again: samples that come quickly arrive together.',
    'http-stream': 'The rhythm stays; everything is later by the delay, once.',
    sse: 'The rhythm stays; everything is later by the delay, once.',
    websocket: 'Everything is later by the delay, once. “Echo” takes it twice.',
  },
  throttle: {
    what: 'So many bytes a second, in each direction of each connection. The default is 200.',
    'short-poll': 'A poll takes seconds: some 700 bytes of heads for 70 bytes of data. After a burst of 100, none is done within its 10 s.',
    'long-poll': 'Each sample waits for the head of its response, and the next request for its own.',
    'http-stream': 'Hardly anything: about 75 bytes a sample. A burst of 100 takes half a minute.',
    sse: 'Hardly anything: about 100 bytes a sample. A burst of 100 takes most of a minute.',
    websocket: 'Hardly anything: about 70 bytes a sample. A burst of 100 takes half a minute.',
  },
  stall: {
    what: 'A half-open connection, as after a pulled cable: nothing passes, and nothing is closed.',
    'short-poll': 'Silence. After 10 s the page gives the request up, and asks again, in vain, until the stall is off.',
    'long-poll': 'Looks like no news: nothing is closed. After 75 s without a byte the page asks again, in vain, until the stall is off.',
    'http-stream': 'Nothing is closed. After 40 s without a byte the page asks again, in vain, until the stall is off.',
    sse: 'The browser notices nothing. After 40 s without an event the page asks again, in vain, until the stall is off.',
    websocket: 'Nothing is closed. After 40 s without a message the page connects again, in vain, until the stall is off.',
  },
  cut: {
    what: 'Open connections end with a TCP reset, once.',
    'short-poll': 'Nothing to see, unless it hits a request: the next poll opens another connection.',
    'long-poll': `The held request fails. The page, or the browser without a word to it, asks again at once: 0 missed.`,
    'http-stream': `The response breaks off; the page ${BACK}.`,
    sse: 'The browser comes back by itself in 2 to 3 s, with Last-Event-ID; nothing is missed.',
    websocket: `The page sees code 1006, and ${BACK}.`,
  },
  refuse: {
    what: 'The server is down: open connections are reset, and so are new ones. Switch it off, and all pages come back.',
    'short-poll': `The page ${GROWING}.`,
    'long-poll': `The page ${GROWING}.`,
    'http-stream': `The page ${GROWING}.`,
    sse: 'The browser tries again every 2 to 3 s by itself; its waits don’t grow.',
    websocket: `The page ${GROWING}.`,
  },
  slice: {
    what: 'Everything travels in pieces of 7 bytes. TCP keeps the order of bytes, not the boundaries of messages.',
    'short-poll': 'Nothing breaks: the head ends with an empty line, the body by Content-Length.',
    'long-poll': 'Nothing breaks: the head ends with an empty line, the body by Content-Length.',
    'http-stream': 'Nothing breaks, since the page splits at newlines. One that parses each read would.',
    sse: 'Nothing breaks: the browser puts lines and events together.',
    websocket: 'Nothing breaks: a frame says how long it is.',
  },
  buffer: {
    what: 'A proxy that collects: a response waits until it ends, is 4 KiB long, or has waited for 8 s.',
    'short-poll': 'Nothing to see: short, whole responses pass.',
    'long-poll': 'Nothing to see: short, whole responses pass.',
    'http-stream': 'Nothing for 8 s, then what came meanwhile, at once, and so on. 100 samples fill the buffer sooner.',
    sse: 'Nothing for 8 s, then what came meanwhile, at once, and so on. 100 samples fill the buffer sooner.',
    websocket: 'Nothing to see: it is no HTTP response any more, so nothing is collected.',
  },
  idle_kill: {
    what: 'A proxy with an idle time-out: a connection that was silent for some seconds is closed. Pause the feed to see it.',
    'short-poll': 'Nothing to see while polls are more frequent. Else: a new connection for each poll.',
    'long-poll': 'With the feed paused, the held request is closed, and so is the next: random waits, whose limit doubles up to 8 s.',
    'http-stream': 'With the feed paused, closed before its heartbeat of 15 s. The page comes back at once.',
    sse: 'Nothing to see, even with the feed paused: the weather comes every 3 s.',
    websocket: 'With the feed paused, closed before its ping of 15 s: 1006. The page comes back at once.',
  },
  restart: {
    what: 'The server ends properly, and is back a second or two later. The samples go on: 0 missed.',
    'short-poll': 'A poll or two may fail. The next one is answered.',
    'long-poll': 'Held requests are answered 503 with Retry-After: 2. All are back in 2 to 4 s.',
    'http-stream': 'A last line says bye. The page comes back within a second or two.',
    sse: 'A last event says bye. The browser comes back by itself in 2 to 6 s.',
    websocket: 'Closed with code 1001, “the server is shutting down”. The page comes back within a second or two.',
  },
};
