// Log stream: the query says which lines are wanted, so that no other one is sent.
import { connect, lost, opened, report } from '/gallery.js';
import { presenterControls } from '/presenter.js';
import { el } from '/shared/dom.js';
import { timeOfDay } from '/shared/format.js';

const LINES_CAPACITY = 200;
const form = document.querySelector('form');
const lines = document.getElementById('lines');
const counts = { lines: 0, missed: 0 };
let cursor = ''; // id of the last event: where to go on

const reconnect = connect(() => {
  const wanted = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  if (cursor) wanted.set('after', cursor);
  const source = new EventSource(`/log/events?${wanted}`);
  source.addEventListener('line', ({ lastEventId, data }) => {
    cursor = lastEventId;
    counts.lines++;
    show(line(JSON.parse(data)));
  });
  source.addEventListener('gap', ({ lastEventId, data }) => {
    const { missed, restarted } = JSON.parse(data);
    cursor = lastEventId;
    counts.missed += missed;
    show(el('li', { className: 'gap' }, restarted
      ? 'The server has restarted: its log begins anew.' : `${missed} lines missed: too slow for them.`));
    report('gap', { missed, restarted });
  });
  source.onopen = opened;
  source.onerror = () => lost();
  return source;
});

// Other lines are another stream, and begin anew.
form.addEventListener('change', () => {
  cursor = '';
  lines.replaceChildren();
  reconnect();
});
form.addEventListener('submit', (event) => event.preventDefault());
presenterControls(['Write 2000 lines', 'POST', '/log/lines', { count: 2000 }]);

function line({ at, level, target, text }) {
  return el('li', { className: level.toLowerCase() }, el('span', { className: 'soft' }, timeOfDay(at)),
    ' ', el('b', {}, level), ' ', el('span', { className: 'soft' }, target), ` ${text}`);
}

function show(item) {
  lines.prepend(item);
  while (lines.children.length > LINES_CAPACITY) lines.lastChild.remove();
  document.getElementById('counts').textContent = `${counts.lines} lines, ${counts.missed} missed`;
}
