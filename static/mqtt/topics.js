// What the page shows of topics: the newest message of each, by the filter that the reader
// chose; and what this device publishes.
import { el, write } from '/shared/dom.js';
import * as packets from '/packets.js';

const TOPICS_LIMIT = 100; // lines; the one that was silent for longest goes
export const LOST = 'connection lost'; // the last will of each device
const TEXT_LIMIT = 300; // characters of a message

const $ = (selector) => document.querySelector(selector);

export class Topics {
  // Drawn anew by each page, since a broker lets only one client have it.
  id = `device-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36).padStart(7, '0')}`;
  own = `room/${this.id}`;
  filter;
  #list = $('#topics ul');
  #lines = new Map(); // topic → its line
  #output = $('#publish output');
  #sent = 0; // packet id of the newest message of this page
  #send;

  // `send` sends a packet, and returns whether there was a connection.
  constructor(send) {
    this.#send = send;
    this.filter = $('[name=filter]').value;
    $('[name=topic]').value = `${this.own}/says`;
    $('#subscribe').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#subscribe($('[name=filter]').value);
    });
    $('#publish').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#publish($('[name=topic]').value, $('[name=text]').value, $('[name=retain]').checked);
    });
  }

  subscribed(code) {
    write($('#filters'), code > 2
      ? 'The broker refused this filter.' : `This is ${this.id}. Subscribed to samples and ${this.filter}`);
  }

  published(id) {
    write(this.#output, `${id}: acknowledged`);
  }

  // An empty message takes the retained one back. Returns whether it is another device's last will.
  show(topic, text, retain) {
    this.#lines.get(topic)?.remove();
    this.#lines.delete(topic);
    if (text) this.#add(topic, text, retain);
    return text === LOST && topic !== this.own;
  }

  #add(topic, text, retain) {
    const line = el('li', {}, el('bdi', {}, topic), ' ', el('b', {}, el('bdi', {}, text.slice(0, TEXT_LIMIT))));
    if (retain) line.append(' ', el('span', { className: 'soft' }, 'retained'));
    if (topic === this.own) line.append(' ', el('span', { className: 'soft' }, 'this device'));
    this.#lines.set(topic, line);
    this.#list.prepend(line);
    if (this.#lines.size <= TOPICS_LIMIT) return;
    const [oldest] = this.#lines.keys();
    this.#lines.get(oldest).remove();
    this.#lines.delete(oldest);
  }

  #subscribe(filter) {
    if (filter === 'samples') return write($('#filters'), 'samples is there already.');
    this.#send(packets.unsubscribe([this.filter]));
    this.filter = filter;
    this.#list.replaceChildren();
    this.#lines.clear();
    this.#send(packets.subscribe([filter]));
  }

  #publish(topic, text, retain) {
    this.#sent = this.#sent % 0xffff + 1;
    const sent = this.#send(packets.publish({ topic, text, retain, id: this.#sent }));
    write(this.#output, sent ? `${this.#sent}: waiting` : 'not connected');
  }
}
