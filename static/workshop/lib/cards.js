// The cards: what to do, what to expect, and what was observed. A card gets its tick only when its
// observer saw the effect.
import { el, mark, write } from '/shared/dom.js';
import { unbroken, wholeSeconds } from '/shared/format.js';
import { now, pause } from '/shared/time.js';
import { effectName } from '/workshop/lib/effects.js';
import { tab } from '/workshop/lib/kept.js';

const OPEN = 'M2 2h16v16H2zm2.2 2.2v11.6h11.6V4.2z';
const SEEN = 'M2 2h16v16H2zm6.6 12.6 7-7.2-1.8-1.8-5.2 5.4-2.4-2.4-1.8 1.8z';
const RETRY_DELAY = 1000; // ms after which a card observes again when its observer failed
const ATTEMPT_TTL = 90_000; // ms after a button was pressed in which its effect is expected
const forever = new AbortController().signal;

// Text, in which a command stands between backticks. A line breaks between its words alone, and
// not after the hyphens of an option.
const words = (text) => text.split('`').map((part, at) => (at % 2 ? code(part) : part));
export const code = (command) => el('code', {},
  ...(command.match(/\S+ ?/g) ?? []).flatMap((word) => [word, el('wbr')]));

// An empty card, and its parts.
export function blank(title, todo, expect) {
  const tick = mark(OPEN);
  const seen = el('span', { className: 'unseen' }, 'not seen yet: ');
  const report = el('span', { role: 'status' }); // a screen reader hears the result, not each step
  const progress = el('span');
  const result = el('p', { className: 'result' }, report, progress);
  const act = el('p', { className: 'act' });
  const element = el('li', { className: 'card' },
    el('h3', {}, tick, seen, title), act,
    el('p', {}, el('b', {}, 'Do '), ...words(unbroken(todo))),
    el('p', {}, el('b', {}, 'Expect '), ...words(unbroken(expect))),
    result);
  // The last report stays until there is a new one; the progress is below it.
  const put = (place, name, text) =>
    place.replaceChildren(...(text ? [el('b', {}, name), ...words(text)] : []));
  const say = (text, before = report.textContent ? 'Now: ' : 'So far: ') =>
    put(progress, before, text);
  const name = `card ${location.pathname} ${title}`; // a reload keeps the tick
  const done = (text) => {
    tab.set(name, text);
    say('');
    put(report, 'Observed: ', text);
    element.classList.add('seen');
    tick.firstElementChild.setAttribute('d', SEEN);
    write(seen, 'seen: ');
  };
  const before = tab.get(name);
  if (before) done(before);
  return { element, act, say, done };
}

// A card with an observer.
export function card(technique, experiment, evidence, live) {
  const { title, todo, expect, attempt, button, see } = experiment;
  const { element, act, say, done } = blank(title, todo, expect);
  if (attempt) act.append(...breaker(technique, attempt, evidence, live));
  if (button) {
    const count = el('button', {}, button);
    count.addEventListener('click', () => evidence.add({ type: 'pressed', time: now() }));
    act.append(count);
  }
  let tried = -Infinity; // when a button of this card was last pressed
  act.addEventListener('click', ({ target }) => {
    if (target.closest('button')) tried = now();
  });
  // Observes again after each report: an experiment can be repeated.
  const observe = async () => {
    for (;;) {
      const seen = await see(evidence, say).catch((error) => {
        reportError(error);
        return pause(RETRY_DELAY, forever);
      });
      const failed = element.classList.contains('seen') ? '' : 'Not seen this time.';
      if (typeof seen === 'string') done(seen);
      else if (now() >= tried + ATTEMPT_TTL) say('');
      else if (seen?.why) say(seen.why);
      else say(failed, '');
    }
  };
  void observe();
  return element;
}

function named({ effect }) {
  const name = effectName(effect);
  return name[0].toUpperCase() + name.slice(1);
}

// The button that has the hub break the connections of this device, and ends it again.
function breaker(technique, attempt, evidence, live) {
  const button = el('button');
  const why = el('span', { className: 'soft', role: 'status' });
  let ends = null; // when its effect is over
  let reason = ''; // why it is disabled; an error stays until that changes
  let asked; // the effect, or `off`, that this button requested last
  const count = () => write(button, ends === null ? named(attempt)
    : `End it now (${wholeSeconds(ends - now())})`);
  button.addEventListener('click', () => {
    write(why, '');
    const wish = ends === null ? attempt : { effect: 'off' };
    asked = wish.effect;
    if (!live.send({ try: { technique, ...wish } })) write(why, 'The workshop does not answer.');
  });
  live.on('room', ({ allowed }) => {
    const effect = evidence.active(attempt.effect);
    const others = effect && effect.by !== 'you'; // only the presenter can end it
    const begins = ends === null && effect && !others && asked === attempt.effect;
    ends = effect && !others ? now() + 1000 * effect.left : null;
    button.disabled = !allowed || Boolean(others);
    count();
    if (begins) inView(button.closest('.card'));
    const before = reason;
    reason = others ? 'The presenter is doing this now.'
      : allowed ? '' : 'The presenter has switched this off.';
    if (reason !== before) write(why, reason);
  });
  live.on('not_tried', ({ technique: on, effect, why: text }) => {
    if (on === technique && effect === asked) write(why, text);
  });
  setInterval(count, 1000);
  return [why, button];
}

// On a phone, a notice of the effect comes up at the foot. It has its height with the next frame.
function inView(card) {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => card.scrollIntoView({ block: 'nearest' })));
}
