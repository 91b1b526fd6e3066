// One's connections to the technique: which there are, how they ended, and which is watched.
import { el, write } from '/shared/dom.js';
import { timeOfDay } from '/shared/format.js';

const KEPT = 60; // in the list
const NEWEST = '';

export const HOW = {
  client: 'the client closed it', server: 'the server closed it', reset: 'broken off (reset)',
  unreachable: 'the server could not be reached', cut: 'cut on request (reset)',
  refuse: 'refused on request (reset)', idle_kill: 'closed because it was idle',
  shutdown: 'the workshop ended',
};

export class Connections {
  #select;
  #technique;
  #options = new Map(); // id → option
  #known = new Map(); // id → what the hub said of it, and what of the technique it carried
  #presenter = location.pathname.startsWith('/presenter');

  // `choose(id)` is called with a number, or null for the newest.
  constructor(select, technique, choose) {
    this.#select = select;
    this.#technique = technique;
    select.append(el('option', { value: NEWEST }, 'the newest, and then the next'));
    select.addEventListener('change', () => choose(select.value === NEWEST ? null : Number(select.value)));
  }

  // The hub tells the first request; a connection may go on to carry others.
  carries(id, target) {
    const known = this.#known.get(id);
    if (known) this.add({ ...known, carried: target });
  }

  // "Connection 7", and whose it is where that is not clear.
  name(id) {
    const client = this.#presenter && this.#known.get(id)?.client;
    return `Connection ${id}${client ? ` of ${client}` : ''}`;
  }

  add(connection) {
    if (connection.technique !== this.#technique) return;
    let option = this.#options.get(connection.id);
    if (!option) {
      option = el('option', { value: String(connection.id) });
      this.#options.set(connection.id, option);
      const older = [...this.#select.options].find(({ value }) => Number(value) < connection.id && value);
      this.#select.insertBefore(option, older ?? null);
      this.#forget();
    }
    const { carried } = this.#known.get(connection.id) ?? {};
    this.#known.set(connection.id, { carried, ...connection });
    write(option, this.#words(this.#known.get(connection.id)));
  }

  // The hub was lost: it tells all that it knows again.
  clear() {
    for (const [id, option] of this.#options) {
      if (this.#select.value !== String(id)) this.#remove(id, option);
    }
  }

  #words({ id, client, opened, closed, how, target, carried }) {
    const state = closed ? `ended ${timeOfDay(closed)}: ${HOW[how] ?? how}` : 'open';
    const who = this.#presenter ? `${client} · ` : '';
    return `#${id} · ${who}${timeOfDay(opened).slice(0, -2)} · ${state} · ${carried ?? target ?? 'no request yet'}`;
  }

  #forget() {
    for (const [id, option] of this.#options) {
      if (this.#options.size <= KEPT) return;
      if (this.#select.value !== String(id)) this.#remove(id, option);
    }
  }

  #remove(id, option) {
    option.remove();
    this.#options.delete(id);
    this.#known.delete(id);
  }
}
