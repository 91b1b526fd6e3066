// Log stream: the query says which lines are wanted, so that no other one is sent.
import { connect, lost, opened, report } from '/gallery.js';
import { add, addGap, clear } from '/log/lines.js';
import { presenterControls } from '/presenter.js';

const form = document.querySelector('form');
let cursor = ''; // id of the last event: where to go on

const reconnect = connect(() => {
  const query = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  if (cursor) query.set('after', cursor);
  const source = new EventSource(`/log/events?${query}`);
  source.addEventListener('line', ({ lastEventId, data }) => {
    cursor = lastEventId;
    add(JSON.parse(data));
  });
  // Too slow: the server went on without this page, and says how far.
  source.addEventListener('gap', ({ lastEventId, data }) => {
    cursor = lastEventId;
    const { missed, restarted } = JSON.parse(data);
    addGap({ missed, restarted });
    report('behind', { missed, restarted });
  });
  source.onopen = opened;
  source.onerror = () => lost();
  return source;
});

// Other lines are another stream, and begin anew.
form.addEventListener('change', () => {
  cursor = '';
  clear();
  reconnect();
});
form.addEventListener('submit', (event) => event.preventDefault());
presenterControls(['Write 2000 lines', 'POST', '/log/lines', { count: 2000 }]);
