// The cards: what to do, what to expect, and what happened. A card ticks itself, and only
// when its observer saw the effect.
import { el, mark, write } from '/shared/dom.js';
import { now } from '/shared/time.js';

const OPEN = 'M2 2h16v16H2zm2.2 2.2v11.6h11.6V4.2z';
const SEEN = 'M2 2h16v16H2zm6.6 12.6 7-7.2-1.8-1.8-5.2 5.4-2.4-2.4-1.8 1.8z';

export function cards(technique, experiments, evidence, live) {
  return experiments.map((experiment) => card(technique, experiment, evidence, live));
}

// An empty card, and its parts.
export function blank(title, todo, expect) {
  const tick = mark(OPEN);
  const seen = el('span', { className: 'unseen' }, 'not seen yet: ');
  const result = el('p', { className: 'result', role: 'status', hidden: true });
  const act = el('p', { className: 'act' });
  const element = el('li', { className: 'card' },
    el('h3', {}, tick, seen, title),
    el('p', {}, el('b', {}, 'Do '), todo),
    el('p', {}, el('b', {}, 'Expect '), expect),
    act, result);
  const say = (text) => {
    result.hidden = false;
    result.replaceChildren(el('b', {}, 'Happened '), text);
  };
  const done = (text) => {
    say(text);
    element.classList.add('seen');
    tick.firstChild.setAttribute('d', SEEN);
    write(seen, 'seen: ');
  };
  return { element, act, say, done };
}

function card(technique, experiment, evidence, live) {
  const { title, todo, expect, tries, button, see } = experiment;
  const { element, act, say, done } = blank(title, todo, expect);
  if (tries) act.append(...breaker(technique, tries, evidence, live, say));
  if (button) {
    const count = el('button', {}, button);
    count.addEventListener('click', () => evidence.add({ type: 'pressed', time: now() }));
    act.append(count);
  }
  observe(see, evidence, say, done);
  return element;
}

// Looks again when it has seen it, for whoever tries twice.
async function observe(see, evidence, say, done) {
  for (;;) {
    const seen = await see(evidence, say);
    if (seen) done(seen);
    else say('Not seen this time.');
  }
}

// The button that asks the hub to break the connections of this device, and ends it again.
function breaker(technique, tries, evidence, live, say) {
  const button = el('button');
  const why = el('span', { className: 'soft' });
  const lasting = tries.find(({ effect }) => effect !== 'cut');
  const running = () => lasting && evidence.active(lasting.effect);
  button.addEventListener('click', () => {
    const messages = running() ? [{ effect: 'off' }] : tries;
    const sent = messages.every((message) => live.send({ try: { technique, ...message } }));
    if (!sent) say('The workshop does not answer.');
  });
  live.on('room', ({ allowed }) => {
    const effect = running();
    const others = effect && !effect.you; // the presenter's ends at the presenter's
    button.disabled = !allowed || Boolean(others);
    write(button, effect ? 'End it now' : 'Do it, for this device');
    write(why, others ? 'The presenter does it for all.'
      : allowed ? '' : 'The presenter keeps this to the stage for now.');
  });
  live.on('error', (text) => write(why, text));
  return [button, why];
}
