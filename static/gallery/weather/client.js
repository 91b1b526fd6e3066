// Weather: an ordinary fetch(), again and again. The browser's cache answers as long
// as `max-age` says, then asks with `If-None-Match`, and on a 304 answers with what
// it has.
import { showState } from '/gallery.js';
import { Counts } from '/weather/counts.js';
import { show, showAge } from '/weather/forecast.js';
import { lifecycle } from '/shared/lifecycle.js';
import { Refusal, pause } from '/shared/time.js';

const interval = document.querySelector('#interval');
const counts = new Counts('/weather/report');
let asking = new AbortController(); // aborted when the page is left

async function start({ signal }) {
  await last(signal);
  while (!signal.aborted) {
    try {
      await ask('default', signal);
      showState('Connected', 'open');
    } catch (error) {
      if (signal.aborted) return;
      showState(`Offline (${error.message}): this is the last report`, 'lost');
    }
    showAge();
    await pause(interval.valueAsNumber * 1000, signal);
  }
}

// One request. Its response may be of the cache, which the page can't tell from
// another one: how it came is in the browser's timings.
async function ask(cache, signal) {
  const response = await fetch('/weather/report',
    { cache, signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) });
  if (!response.ok) throw new Refusal(response.status);
  const { headers } = response;
  show(await response.json(), headers.get('Last-Modified'), headers.get('Date'));
  counts.count();
}

// A page that is opened while offline shows what the cache has, however old that is.
async function last(signal) {
  try {
    await ask('force-cache', signal);
  } catch {
    showState('Asking …', 'lost');
  }
}

function resume() {
  asking.abort();
  asking = new AbortController();
  void start(asking);
}
lifecycle({ leave: () => asking.abort(), comeBack: resume, reconnect: resume });
resume();
