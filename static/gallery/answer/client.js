// Answer, word by word: an EventSource can't POST, so this page reads the events by itself.
import { counted, leaving, showState } from '/gallery.js';
import { backoff, pause } from '/shared/time.js';

const form = document.querySelector('form');
const part = (id) => document.getElementById(id);
const cancel = /** @type {HTMLButtonElement} */ (part('cancel'));
let path = sessionStorage.getItem('answer') ?? ''; // a reload keeps it
let cursor = ''; // id of the last event: where to go on
let connection = new AbortController();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  path = '';
  cancel.disabled = true; // until the new answer has a path
  void follow(() => fetch('/answer/questions', { ...post(form), signal: connection.signal }));
});
// To abort the fetch ends the connection; this ends the work, too.
cancel.addEventListener('click', () => fetch(path, { method: 'DELETE' }));
leaving(() => connection.abort());
addEventListener('pageshow', ({ persisted }) => persisted && path && void follow(goOn));
if (path) void follow(goOn);
else showState('Ask something', 'stale');

function goOn() {
  return fetch(path + (cursor && `?after=${cursor}`), { cache: 'no-store', signal: connection.signal });
}

// Reads the answer to its end. When the connection is lost, asks for the rest.
async function follow(request) {
  connection.abort();
  const { signal } = connection = new AbortController();
  cursor = '';
  for (let failures = 0; !signal.aborted; request = goOn) {
    try {
      const response = await request();
      if (!response.ok) return await refused(response);
      path = response.headers.get('Location') ?? path;
      sessionStorage.setItem('answer', path);
      showState('The answer comes', 'open');
      cancel.disabled = false;
      failures = 0;
      if (await read(response.body)) return;
    } catch {
      if (signal.aborted) return;
      showState(path ? 'The connection is lost: asking for the rest' : 'The server does not respond', 'lost');
      if (!path) return;
    }
    await pause(backoff(failures++), signal);
  }
}

// An answer that is gone is not asked for again.
async function refused(response) {
  if (response.status === 404) {
    sessionStorage.removeItem('answer');
    path = '';
  }
  cancel.disabled = !path;
  showState(await response.text(), 'lost');
}

// An event ends with an empty line; a chunk ends anywhere. True: the answer has ended.
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
  return false;
}

function show(name, text) {
  if (name === 'question') {
    part('question').textContent = text;
    part('answer').textContent = '';
  }
  if (name === 'word') part('answer').append(`${text} `);
  if (name !== 'end') return false;
  cancel.disabled = true;
  part('whole').textContent = part('answer').textContent; // to be read out as a whole
  showState({ complete: 'Complete', cancelled: 'Cancelled: the server has stopped working',
    abandoned: 'Stopped: nobody was reading' }[text], 'stale');
  return true;
}

const post = (form) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(Object.fromEntries(new FormData(form))) });
