// The news wall: a stream that the browser reads, and a request for each headline.
import { json, sendOnce } from '/form.js';
import { connect, lost, opened, showRestart } from '/gallery.js';
import { add, pause, remove, showWall } from '/news/wall.js';
import { presenterControls } from '/presenter.js';

const form = document.querySelector('#post');

// Down: what all post.
connect(() => {
  const source = new EventSource('/news/events');
  const on = (name, act) => source.addEventListener(name,
    ({ data, lastEventId }) => act(JSON.parse(data), lastEventId));
  // All of it, whenever the page connects. So it does not matter what came
  // while it was away.
  on('wall', (wall, id) => {
    showRestart(id);
    showWall(wall);
  });
  on('headline', add);
  on('hidden', remove);
  on('paused', pause);
  on('gap', () => {
    source.close();
    lost('This page was too slow');
  });
  source.onopen = opened;
  source.onerror = () => lost();
  return source;
});

// Up: what is posted here. The server takes what has the same key once.
sendOnce(form, (key) =>
  fetch('/news/headlines', json('POST', { key, text: form.elements.text.value })));

presenterControls(['Pause the wall', 'PUT', '/news/paused', true],
  ['Open the wall', 'PUT', '/news/paused', false],
  ['Clear the wall', 'DELETE', '/news/headlines']);
