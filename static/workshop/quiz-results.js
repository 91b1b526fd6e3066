// The results of the quiz as they come down, by server-sent events: one way is all it takes,
// and the browser connects again by itself and says which event it had last.
import { backoff, pause, silence } from '/shared/time.js';

const SILENCE = 25_000; // ms; the server says something every 10 s

// Calls `show(results)` with the newest ones, and `lost(true)` or `lost(false)`.
export function follow(show, lost) {
  void run(show, lost);
  addEventListener('pageshow', ({ persisted }) => persisted && run(show, lost));
}

async function run(show, lost) {
  const leaving = new AbortController();
  // A page in the back/forward cache must hold no connection.
  addEventListener('pagehide', () => leaving.abort(), { once: true });
  const { signal } = leaving;
  for (let failures = 0; !signal.aborted; failures++) {
    await connect(signal, lost, (results) => {
      failures = 0;
      show(results);
    }).catch(() => signal.aborted || lost(true));
    await pause(backoff(failures), signal);
  }
}

// One EventSource. An answer other than 200 ends it; so do we, after too long a silence.
function connect(signal, lost, show) {
  const source = new EventSource('/quiz/results');
  return new Promise((_, reject) => {
    signal.onabort = () => reject(signal.reason);
    const alive = silence(SILENCE, reject);
    source.onopen = () => {
      alive();
      lost(false);
    };
    source.onmessage = ({ data }) => {
      alive();
      show(JSON.parse(data));
    };
    source.addEventListener('alive', alive);
    source.onerror = () => {
      if (source.readyState === EventSource.CONNECTING) lost(true);
      else reject(new Error('the browser gave up'));
    };
  }).finally(() => source.close());
}
