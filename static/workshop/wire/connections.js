// This device's connections to the technique: those that carried samples, and the rest; the newest
// first, each by its time, how it ended, and what it carried.
import { el, write } from '/shared/dom.js';
import { timeToTheSecond } from '/shared/format.js';
import { PLACES } from '/workshop/wire/block.js';

const NEWEST = '';
const GROUPS = [ // how many of each are listed; those that are open always are
  { label: 'With samples, the newest first', limit: 30 },
  { label: 'Other requests: files, /clock', limit: 8 },
];

export const CLOSE_CAUSES = {
  client: 'the client closed it', server: 'the server closed it', reset: 'reset or timed out',
  unreachable: 'the server could not be reached', cut: 'reset by “cut”',
  refuse: 'reset by “refuse”', refuse_upgrade: 'reset: Upgrade is refused', idle_kill: 'closed by “idle time-out”',
  shutdown: 'the workshop ended',
};

export class Connections {
  #groups;
  #technique;
  #endpoints;
  #options = new Map(); // id → option
  #known = new Map(); // id → what the hub said of it, and what of the technique it carried
  #proxy = false; // there is one, with a lens before it, too
  #presenter = location.pathname.startsWith('/presenter');

  // `page` has the technique, and its endpoints: paths, with spaces between them. `choose(id)` is called
  // with a number, or null for the newest.
  constructor(select, page, choose) {
    this.#technique = page.technique;
    this.#endpoints = page.endpoints.split(' ');
    this.#groups = GROUPS.map(({ label }) => el('optgroup', { label, hidden: true }));
    select.append(el('option', { value: NEWEST }, 'The newest, and then the next'), ...this.#groups);
    select.addEventListener('change', () => choose(select.value === NEWEST ? null : Number(select.value)));
  }

  // The hub tells one target; a connection may go on to carry others.
  carries(id, target) {
    const known = this.#known.get(id);
    if (known) this.add({ ...known, carried: target });
  }

  // Whether a request is one of the technique's own. (None came yet: it is not.)
  isEndpoint(target) {
    return this.#endpoints.includes(target?.split('?')[0]);
  }

  // Whose lens it passes, of the two: a server's alone is behind no proxy, but the same for a page.
  side(id) {
    return this.#known.get(id)?.before_proxy ? 'before' : 'behind';
  }

  // The side, if there are two.
  place(id) {
    return this.#proxy ? this.side(id) : undefined;
  }

  // "Connection 7, from port 51032", and whose and where it is where that is not clear.
  name(id) {
    const client = this.#known.get(id)?.client;
    const from = !client ? '' : this.#presenter ? ` of ${client}` : `, from port ${client.split(':').at(-1)}`;
    const place = PLACES[this.place(id)];
    return `Connection ${id}${from}${place ? `, ${place}` : ''}`;
  }

  add(connection) {
    const { id, technique, target } = connection;
    if (technique !== this.#technique) return;
    this.#proxy ||= connection.before_proxy;
    const before = this.#known.get(id)?.carried;
    const carried = connection.carried ?? (this.isEndpoint(target) ? target : before);
    const known = { ...connection, carried };
    this.#known.set(id, known);
    if (!this.#options.has(id)) this.#options.set(id, el('option', { value: String(id) }));
    const option = this.#options.get(id);
    write(option, this.#words(known));
    this.#place(option, carried ? 0 : 1);
  }

  // The hub was lost: it tells all that it knows again.
  clear() {
    for (const option of this.#options.values()) this.#remove(option);
  }

  #words({ id, client, opened, closed, how, target, carried, before_proxy }) {
    const state = closed ? ` to ${timeToTheSecond(closed)}, ${CLOSE_CAUSES[how] ?? how}` : ', open';
    const device = this.#presenter ? ` · ${client}` : '';
    const place = before_proxy ? ` · ${PLACES.before}` : '';
    return `${timeToTheSecond(opened)}${state}${device}${place} · ${carried ?? target ?? 'no request yet'} · #${id}`;
  }

  #place(option, number) {
    const group = this.#groups[number];
    if (option.parentElement !== group) {
      const older = [...group.children].find(({ value }) => Number(value) < Number(option.value));
      group.insertBefore(option, older ?? null);
    }
    const tooMany = [...group.children].slice(GROUPS[number].limit);
    tooMany.filter(({ value }) => this.#known.get(Number(value)).closed)
      .forEach((old) => this.#remove(old));
    this.#groups.forEach((one) => (one.hidden = one.children.length === 0));
  }

  // The one that is chosen stays.
  #remove(option) {
    if (option.selected) return;
    option.remove();
    this.#options.delete(Number(option.value));
    this.#known.delete(Number(option.value));
  }
}
