// The processes of the cluster, a card each: whether it runs, what of this browser is there, and for
// the presenter a button that kills or starts it.
import { el, mark, write } from '/shared/dom.js';
import { TITLES } from '/shared/titles.js';

// Shapes on a 20 × 20 grid, told apart without colour.
const STATES = {
  running: { words: 'runs', shape: 'M10 1a9 9 0 1 0 .01 0z' },
  starting: { words: 'starts', shape: 'M10 1a9 9 0 1 0 .01 0zm0 3.5a5.5 5.5 0 1 1-.01 0z' },
  dead: { words: 'is dead', shape: 'M3.5 1 10 7.5 16.5 1 19 3.5 12.5 10 19 16.5 16.5 19 10 12.5 3.5 19 1 16.5 7.5 10 1 3.5z' },
};
const NAMES = { broker: 'Broker', nginx: 'nginx' };
const nameOf = (name) => NAMES[name] ?? name.replace('server-', 'Server ');

export class Members {
  #list;
  #problem;
  #presenter;
  #cards = new Map(); // name → { element, state, note, at, button }

  constructor(list, problem, presenter) {
    this.#list = list;
    this.#problem = problem;
    this.#presenter = presenter;
  }

  // The numbers of the servers that are dead.
  get dead() {
    return [...this.#cards].filter(([name, { deed }]) => name.startsWith('server-') && deed === 'start')
      .map(([name]) => name.replace('server-', ''));
  }

  // What the server says of each process.
  show(members) {
    write(this.#problem, '');
    for (const member of members) {
      const card = this.#cards.get(member.name) ?? this.#add(member.name);
      const { words, shape } = STATES[member.state];
      card.element.dataset.state = member.state;
      card.state.replaceChildren(mark(shape), ` ${words}`);
      write(card.note, member.publishes ? 'Publishes' : '');
      card.deed = member.state === 'dead' ? 'start' : 'kill';
      write(card.button, `${card.deed === 'start' ? 'Start' : 'Kill'} ${nameOf(member.name).toLowerCase()}`);
    }
  }

  // Where the lanes are.
  at(lanes) {
    for (const [name, { at }] of this.#cards) {
      const here = lanes.filter(({ server }) => name === `server-${server}`);
      const techniques = here.map(({ technique }) => technique).join(' ');
      if (at.dataset.techniques === techniques) continue;
      at.dataset.techniques = techniques;
      at.replaceChildren(...here.map(({ technique }) => {
        const badge = el('span', { className: 'at' }, TITLES[technique]);
        badge.dataset.technique = technique;
        return badge;
      }));
    }
  }

  // Nothing is known any more.
  lost() {
    write(this.#problem, 'The program that shows this page is not reached: is it still running?');
  }

  #add(name) {
    const card = { state: el('span'), note: el('b'), at: el('span'), button: el('button', { type: 'button' }),
      deed: 'kill', element: el('li') };
    card.element.append(el('h2', {}, nameOf(name)), el('p', { className: 'state' }, card.state));
    card.at.dataset.techniques = '';
    if (name.startsWith('server-')) card.element.append(el('p', { className: 'here' }, card.note, card.at));
    if (this.#presenter) card.element.append(card.button);
    card.button.addEventListener('click', () => void this.#command(name, card.deed));
    this.#cards.set(name, card);
    this.#list.append(card.element);
    return card;
  }

  async #command(name, deed) {
    try {
      const response = await fetch(`/members/${name}/${deed}`, { method: 'POST' });
      if (!response.ok) throw new Error(await response.text());
      write(this.#problem, '');
    } catch (error) {
      write(this.#problem, `${nameOf(name)} was not told to ${deed === 'kill' ? 'end' : 'start'}: ${error.message}`);
    }
  }
}
