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
};
