// The cards of chapters without a technique of their own: pages beside each other, and what was
// seen in them. Such a page may be of another program, which someone has to start.
import { el } from '/shared/dom.js';
import { now } from '/shared/time.js';
import { blank } from '/workshop/lib/cards.js';
import { frame, removeFrame } from '/workshop/lib/frames.js';

const LOOK_INTERVAL = 500; // ms
const REPORT_TIMEOUT = 8000; // ms in which a page that was opened reports something

// A card with `pages`, each { technique, path, name, origin, start }: `start` is the command without
// which there is no page. `see(seen)` gets the events of each page, and returns { done } when it saw
// what the card expects, { say } with the progress before that, or nothing.
export function beside({ title, todo, expect, pages, link, see }) {
  const { element, act, say, done } = blank(title, todo, expect);
  element.classList.add('alone');
  const label = pages.length > 1 ? 'Open both pages' : 'Open the page';
  const open = el('button', {}, label);
  const place = el('div', { className: 'pair' });
  act.append(open);
  // In another window: the pages go on meanwhile.
  if (link) act.append(el('a', { href: link.href, target: '_blank' }, link.words));
  element.insertBefore(place, element.lastChild);
  let frames = [];
  let timer; // while the pages are open

  open.addEventListener('click', async () => {
    frames.forEach(removeFrame);
    clearInterval(timer);
    const seen = pages.map(() => []);
    frames = await Promise.all(pages.map((page, at) =>
      frame(page.technique, (event) => seen[at].push(event), page)));
    place.replaceChildren(...frames.map((one, at) =>
      el('figure', {}, el('figcaption', {}, pages[at].name), one)));
    open.textContent = `${label} again`;
    say('');
    const opened = now();
    timer = setInterval(() => {
      const missing = pages.find((_, at) => seen[at].length === 0);
      const { done: text, say: progress } = (missing ? absent(missing, opened) : see(seen)) ?? {};
      if (text) done(text);
      else if (progress) say(progress);
    }, LOOK_INTERVAL);
  });
  return element;
}

// A page that has reported nothing. It may be that it has nothing to report yet.
function absent({ name, origin, start }, opened) {
  if (now() - opened < REPORT_TIMEOUT) return undefined;
  return { say: `“${name}” reports nothing${origin ? ` from ${origin}` : ''}. Does it run? ${start}` };
}
