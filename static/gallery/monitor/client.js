// Server monitor: each event replaces the one before. A server that is dead can't
// say so, so the page does, when nothing comes.
import { connect, lost, opened, showState } from '/gallery.js';
import { show } from '/monitor/tiles.js';
import { timeToTheSecond } from '/shared/format.js';

const STALE_TIMEOUT = 4000; // ms without a measurement; one is due each second
let timer; // runs out when nothing comes
let stale; // what is shown then; undefined while measurements come

connect(() => {
  const source = new EventSource('/monitor/events');
  source.addEventListener('health', ({ data }) => alive(JSON.parse(data)));
  source.onopen = opened;
  source.onerror = () => lost(stale);
  return source;
});

function alive(health) {
  show(health);
  showState('Alive', 'open');
  stale = undefined;
  clearTimeout(timer);
  const heard = timeToTheSecond(Date.now());
  timer = setTimeout(() => {
    stale = `Stale since ${heard}`;
    showState(stale, 'stale');
  }, STALE_TIMEOUT);
}
