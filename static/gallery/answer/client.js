// Answer, word by word: an EventSource can't POST, so this page asks with fetch()
// and reads the events by itself.
import { show } from '/answer/words.js';
import { json } from '/form.js';
import { connect, counted, showState } from '/gallery.js';
import { backoff, pause } from '/shared/time.js';

const form = document.querySelector('form');
const cancel = /** @type {HTMLButtonElement} */ (document.querySelector('#cancel'));
let path = sessionStorage.getItem('answer') ?? ''; // a reload keeps it
let cursor = ''; // id of the last event: where to go on
let connection = new AbortController();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  remember(''); // until the new answer has a path
  const question = form.elements.question.value;
  void follow((signal) =>
    fetch('/answer/questions', { ...json('POST', { question }), signal }));
});
// To abort the fetch ends the connection; this ends the work, too.
cancel.addEventListener('click', () => fetch(path, { method: 'DELETE' }));

const resume = (signal) =>
  fetch(path + (cursor && `?after=${cursor}`), { cache: 'no-store', signal });

connect(() => {
  if (path) void follow(resume);
  else showState('Ask something', 'stale');
  return { close: () => connection.abort() };
});

// Reads the answer to its end. When the connection is lost, asks for the rest.
async function follow(request) {
  connection.abort();
  const { signal } = connection = new AbortController();
  cursor = '';
  for (let failures = 0; !signal.aborted; request = resume) {
    try {
      const response = await request(signal);
      if (response.status === 404) remember(''); // it is gone
      if (!response.ok) return showState(await response.text(), 'lost');
      remember(response.headers.get('Location') ?? path);
      showState('The answer comes', 'open');
      failures = 0;
      if (await read(response.body)) break;
    } catch {
      if (signal.aborted) return;
      if (!path) return showState('The server does not respond', 'lost');
      showState('The connection is lost: asking for the rest', 'lost');
    }
    await pause(backoff(failures++), signal);
  }
  cancel.disabled = true;
}

// An event ends with an empty line; a chunk ends anywhere. Returns whether the
// answer has ended.
async function read(body) {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const events = (text + chunk).split('\n\n');
    text = events.pop();
    for (const event of events) {
      const field = (name) => event.match(`(?:^|\n)${name}: (.*)`)?.[1];
      cursor = field('id');
      counted(cursor);
      if (show(field('event'), JSON.parse(field('data')))) return true;
    }
  }
}

function remember(newPath) {
  path = newPath;
  sessionStorage.setItem('answer', path);
  cancel.disabled = !path;
}
