// The experiments of each chapter. `attempt` is the effect that the hub has on this device;
// `button` names an action of the card itself. A title begins with the button's word, and is the
// heading in the notes. `see` is an observer, of observers.js or observers-cost.js.
import * as cost from '/workshop/lib/observers-cost.js';
import * as see from '/workshop/lib/observers.js';

const stop = {
  title: 'Stop: go away and come back',
  todo: 'Press Stop in the live page, wait for some samples, press Start.',
  expect: 'The page remembers one thing, the id of the last sample. It asks for what is '
    + 'after it, and catches up.',
  see: see.catchUp,
};
const buffer = {
  title: 'Buffer: a proxy that collects',
  todo: 'Put a proxy that buffers between page and server. Many do unless told otherwise.',
  expect: 'Samples arrive late, many at once. None is lost, but the data is not live.',
  attempt: { effect: 'buffer' },
  see: see.lump,
};

export const EXPERIMENTS = {
  'short-poll': [{
    title: 'Count: what empty responses cost',
    todo: 'Count until 10 responses were empty.',
    expect: 'Half of the requests bring nothing, and each costs a head in both directions.',
    button: 'Count',
    see: cost.emptiness,
  }, {
    title: 'Delay: a slow link',
    todo: 'Hold every byte back by a second.',
    expect: 'Each response takes longer. Requests do not pile up, for the next one waits '
      + 'for the response.',
    attempt: { effect: 'delay', ms: 1000, jitter: 0 },
    see: cost.slow('delay', 5),
  }, {
    title: 'Throttle: low bandwidth',
    todo: 'Let 200 bytes a second through.',
    expect: 'The header fields alone keep the link busy for seconds. Still one request '
      + 'at a time.',
    attempt: { effect: 'throttle', bytes_per_second: 200 },
    see: cost.slow('throttle', 3),
  }, stop],

  'long-poll': [{
    title: 'Idle time-out: a proxy with less patience',
    todo: 'End every connection on which nothing travels for 2 s. The server would hold '
      + 'a request for 30 s.',
    expect: 'Some requests end before their response. Another one is needed: the page '
      + 'sends it, or the browser by itself.',
    attempt: { effect: 'idle_kill', seconds: 2 },
    see: cost.impatient,
  }, {
    title: 'Refuse: the server is gone',
    todo: 'End the connection and refuse new ones.',
    expect: 'After each failure the page may wait up to twice as long, by chance: a room of '
      + '200 does not come back at one moment.',
    attempt: { effect: 'refuse' },
    see: cost.waits,
  }, {
    title: 'Delay: a slow link',
    todo: 'Hold every byte back by 600 ms.',
    expect: 'Samples are later by as much; more when one is published while the next '
      + 'request is still under way.',
    attempt: { effect: 'delay', ms: 600, jitter: 0 },
    see: cost.late,
  }, stop],

  'http-stream': [{
    title: 'Slice: a chunk is not a message',
    todo: 'Let the stream through in pieces of 7 bytes.',
    expect: 'The reader gets pieces of lines. client.js puts them together: whole '
      + 'samples all the same.',
    attempt: { effect: 'slice' },
    see: see.whole,
  }, buffer, {
    title: 'Cut: the network cuts the connection',
    todo: 'Press Cut: what is open ends with a reset.',
    expect: 'The reader fails at once. client.js waits a little and asks for what is '
      + 'after its cursor.',
    attempt: { effect: 'cut' },
    see: see.clientReturns,
  }, {
    title: 'Lifetime: the end of a response',
    todo: 'Wait: the server ends each response after 60 s, unless it was started otherwise.',
    expect: 'The page asks again at once, on the same connection, and goes on where it was.',
    see: see.lifetime,
  }],

  sse: [{
    title: 'Cut: the network cuts the connection',
    todo: 'Press Cut: what is open ends with a reset.',
    expect: 'The browser asks again by itself after the 2 to 3 s that the server '
      + 'proposed, with the id that it saw last.',
    attempt: { effect: 'cut' },
    see: see.browserReturns,
  }, {
    title: 'Stall: silence',
    todo: 'Stall the connection: it stays open, and nothing comes through.',
    expect: 'Neither side sees an error. After 40 s without an event, the page gives up by its own '
      + 'clock. Your stall ends after 45 s.',
    attempt: { effect: 'stall' },
    see: see.silence,
  }, buffer, stop],

  websocket: [{
    title: 'Cut: the network cuts the connection',
    todo: 'Press Cut: what is open ends with a reset.',
    expect: 'The browser reports code 1006 and leaves it at that. client.js opens a new '
      + 'one, with its cursor.',
    attempt: { effect: 'cut' },
    see: see.clientReturns,
  }, {
    title: 'Slice: a message is a message',
    todo: 'Let the frames through in pieces of 7 bytes.',
    expect: 'The protocol knows where a message ends: the page gets whole ones, and puts '
      + 'nothing together.',
    attempt: { effect: 'slice' },
    see: see.whole,
  }, {
    title: 'Stall: silence',
    todo: 'Stall the connection: it stays open, and nothing comes through.',
    expect: 'No close event. After 40 s without a message, the page gives up by its own clock. Your '
      + 'stall ends after 45 s.',
    attempt: { effect: 'stall' },
    see: see.silence,
  }, {
    title: 'Idle time-out: a proxy with less patience',
    todo: 'End every connection on which nothing travels for 2 s. The heartbeat comes every 15 s.',
    expect: 'Both ends are well, and yet it closes. A heartbeat has to be faster than '
      + 'the shortest limit on the path.',
    attempt: { effect: 'idle_kill', seconds: 2 },
    see: see.killedIdle,
  }],
};
