// A reader of the blog: follows its stream, and asks each second whether its parts answer.
import { Posts } from '/posts.js';
import { Report } from '/report.js';
import { backoff, now, pause } from '/shared/time.js';

const PARTS = ['posts', 'comments', 'likes'];
const ASK_INTERVAL = 1000; // ms
const ANSWER_TIMEOUT = 3000; // ms
const forever = new AbortController().signal;

const report = new Report(['stream', ...PARTS]);
const posts = new Posts((post) => change('likes', { post }));

// Asks for JSON. Any other answer is an Error, which says what to do if the server did.
async function ask(path, options = {}) {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT);
  const response = await fetch(path, { cache: 'no-store', signal, ...options });
  if (response.ok) return response.json();
  throw Object.assign(new Error(await response.text()), { status: response.status });
}

// What a reader does. The page shows it when it comes back on the stream, as all others see it.
async function change(part, content) {
  try {
    await ask(`/${part}`, { method: 'POST', body: JSON.stringify(content),
      headers: { 'Content-Type': 'application/json' } });
    report.answer('');
    return true;
  } catch ({ status, message }) {
    report.answer(status ? `${status}: ${message}` : 'Nothing answers.');
    return false;
  }
}

// What was written before this page was open, or while it was cut off.
async function load() {
  for (const part of PARTS) {
    ask(`/${part}`).then((all) => all.forEach((news) => posts.tell(news)), () => {});
  }
}

// The stream. The browser reconnects by itself, with the id of the last event; when it gives up,
// another EventSource begins anew.
async function follow() {
  for (let failures = 0; ; failures++) {
    const source = new EventSource('/events');
    await new Promise((over) => {
      source.onopen = () => {
        failures = 0;
        report.opened(now());
      };
      source.onmessage = ({ data }) => hear(JSON.parse(data));
      source.addEventListener('bye', () => report.bye());
      source.addEventListener('gap', load);
      source.onerror = () => {
        report.cut(now());
        if (source.readyState === EventSource.CLOSED) over();
      };
      addEventListener('pagehide', () => source.close(), { once: true });
    });
    await pause(backoff(failures), forever);
    void load();
  }
}

// A sample of the feed, whose data is the blog's news; the first one only says that it began.
function hear({ data }) {
  if (data.startsWith('{')) posts.tell(JSON.parse(data));
}

async function watch(part) {
  for (;;) {
    try {
      report.answered(part, await ask(part === 'stream' ? '/process' : `/${part}/process`));
    } catch ({ status }) {
      report.unanswered(part, status);
    }
    await pause(ASK_INTERVAL, forever);
  }
}

const form = /** @type {HTMLFormElement} */ (document.getElementById('form'));
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { value: part } = /** @type {HTMLButtonElement} */ (event.submitter);
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('text'));
  if (await change(part, { post: posts.newest, text: field.value })) field.value = '';
});
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());

void load();
void follow();
for (const part of ['stream', ...PARTS]) void watch(part);
