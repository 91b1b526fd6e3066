// The room: its code, how the other page joins, and what the reader chose.
import { el, write } from '/shared/dom.js';

const $ = (id) => document.getElementById(id);

export class Room {
  way = 'direct';
  query = location.search; // ?room=BCDF
  #code = '';
  #ask; // sends { relayed, loss, cut } to the server
  #network = { relayed: false, loss: 0, cut: false };

  constructor(ask) {
    this.#ask = ask;
    $('way').addEventListener('change', () => {
      this.way = $('way').value;
      if (this.way !== 'server') this.#change({ relayed: this.way === 'relay' });
    });
    $('loss').addEventListener('input', () => this.#showLoss());
    $('loss').addEventListener('change', () => this.#change({ loss: $('loss').valueAsNumber }));
    $('cut').addEventListener('click', () => this.#change({ cut: !this.#network.cut }));
    $('join').addEventListener('submit', (event) => {
      event.preventDefault();
      location.search = `?room=${encodeURIComponent($('join').elements.code.value.trim())}`;
    });
    this.#show();
  }

  // ms between two samples
  get interval() {
    return 1000 * $('interval').valueAsNumber;
  }

  enter(code) {
    this.#code = code;
    this.query = `?room=${code}`;
    history.replaceState(null, '', this.query);
    const link = el('a', { href: this.query, target: '_blank', rel: 'opener' }, 'Open the other page');
    $('room').replaceChildren('Room ', el('b', {}, code), '. ', link, ' in a tab, or on a phone.');
  }

  // The server has closed the connection. A refusal says what to do.
  leave(reason, refused) {
    if (refused) $('room').replaceChildren(reason);
    else write($('room'), `Room ${this.#code}: the server is gone (${reason}). What is connected stays connected.`);
  }

  // How the two are to reach each other now. Returns what of it is new.
  changed(network) {
    const { relayed, loss } = this.#network;
    const changes = { way: network.relayed !== relayed, loss: network.loss !== loss };
    this.#network = network;
    if (this.way !== 'server') this.way = network.relayed ? 'relay' : 'direct';
    this.#show();
    return changes;
  }

  #change(change) {
    this.#ask({ ...this.#network, ...change });
  }

  #show() {
    const { relayed, loss, cut } = this.#network;
    $('way').value = this.way;
    $('loss').value = String(loss);
    this.#showLoss();
    write($('cut'), cut ? 'Mend relay' : 'Cut relay');
    for (const element of document.querySelectorAll('.relayed')) element.hidden = !relayed;
  }

  #showLoss() {
    const loss = $('loss');
    loss.ariaValueText = `${loss.value} %`;
    write(loss.nextElementSibling, loss.ariaValueText);
  }
}
