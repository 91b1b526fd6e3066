// The experiments of demos that run alone, as in experiments.js. The hub can't break their
// connections: each names what to press in the page itself, or in the terminal.
import * as see from '/workshop/lib/observers-beyond.js';

export const BEYOND_EXPERIMENTS = {
  webrtc: [{
    title: 'Kill the server',
    todo: 'Open the other page, wait until both show samples, and end the server with Ctrl-C.',
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
};
