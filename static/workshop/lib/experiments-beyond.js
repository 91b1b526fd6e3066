// The experiments of demos that run alone, as in experiments.js. The hub can't break their
// connections: each names what to press in the page itself, or in the terminal.
import * as see from '/workshop/lib/observers-beyond.js';

export const BEYOND_EXPERIMENTS = {
  webrtc: [{
    title: 'Kill the server',
    todo: 'Open the other page, and let samples go from page to page. Then press Kill server (on the '
      + 'server\'s machine), or Ctrl-C in its terminal.',
    expect: 'The pages say that the server is gone, and samples go on from page to page.',
    see: see.withoutServer,
  }, {
    title: 'Lose datagrams',
    todo: 'Let samples go through the relay, one every 0.05 s, and set the loss to 10 %.',
    expect: 'The reliable channel misses none, but some come late. The other one is '
      + 'seldom late, and misses some.',
    see: see.lossy,
  }],
  push: [{
    title: 'Push: to a page that is closed',
    todo: 'Subscribe on the demo’s own page, in a tab beside this one, and close that tab. Then press Push '
      + 'this sample here.',
    expect: 'A notification comes, and no tab of the page is open. A click opens it at that sample.',
    see: see.pushed,
  }, {
    title: 'Kill the server: its page stays',
    todo: 'End the demo with Ctrl-C, and load this chapter anew.',
    expect: 'The service worker has kept the page, and it says since when it is alone.',
    see: see.alone,
  }],
  fallback: [{
    title: 'Climb from polling to a WebSocket',
    todo: 'Choose polling only in the page, watch some polls, and choose polling, then WebSocket.',
    expect: 'The next session begins with polls, too, and moves to a WebSocket within a second.',
    see: see.climbs,
  }, {
    title: 'Recover what was missed, or not',
    todo: 'Press Abort connection. Then take Recover missed off, and press it again, until something is missed: '
      + 'sooner when the demo was started with `--every 50ms`.',
    expect: 'With a cursor nothing is missed. Without one, as by default, what came meanwhile is.',
    see: see.recovers,
  }],
  mqtt: [{
    title: 'Fall off, and be missed',
    todo: 'Open the page in another tab or on a phone, and press Abort connection there.',
    expect: 'The broker publishes the will of that device: every page sees that it fell off.',
    see: see.fellOff,
  }, {
    title: 'Leave without a cursor',
    todo: 'Press Stop in the page, wait for some seconds, and press Start.',
    expect: 'The retained sample is there at once. Those before it are missed: the broker kept one.',
    see: see.withoutCursor,
  }],
};
