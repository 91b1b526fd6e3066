// The room: its code, how the other page joins, and what the reader chose.
import { el, write } from '/shared/dom.js';
import { joinButton } from '/shared/join.js';
import { endPauses } from '/shared/time.js';

const $ = (id) => document.getElementById(id);
const BURST = 2000; // samples without a pause: more than a channel takes at once
const HERE = ['localhost', '127.0.0.1'].includes(location.hostname); // on the server's machine

export class Room {
  way = 'direct';
  query = location.search; // ?room=BCDF
  #code = '';
  #phone; // the button that shows the QR code
  #burst = 0; // how many samples are to be sent without a pause
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
    const [button, dialog] = joinButton('on a phone', 'webrtc');
    this.#phone = button;
    $('room').after(dialog);
    $('burst').addEventListener('click', () => {
      this.#burst = BURST;
      endPauses();
    });
    $('kill').hidden = !HERE;
    // No response comes: nobody is told, as with `kill -9`.
    $('kill').addEventListener('click', () => void fetch('/kill', { method: 'POST' }).catch(() => {}));
    $('join').addEventListener('submit', (event) => {
      event.preventDefault();
      location.search = `?room=${encodeURIComponent($('join').elements.code.value.trim())}`;
    });
    this.#show();
  }

  // ms until the next sample
  get interval() {
    return this.#burst ? 0 : 1000 * $('interval').valueAsNumber;
  }

  // A sample was sent.
  sent() {
    if (this.#burst) this.#burst--;
  }

  enter(code) {
    this.#code = code;
    this.query = `?room=${code}`;
    history.replaceState(null, '', this.query);
    this.#invite('. ');
  }

  joined() {
    $('join').hidden = true;
    write($('room'), `Room ${this.#code}: both pages are here.`);
  }

  left() {
    this.#invite(': the other page has left. ');
  }

  #invite(words) {
    $('join').hidden = false;
    const link = el('a', { href: this.query, target: '_blank', rel: 'opener' }, 'Open the other page');
    $('room').replaceChildren('Room ', el('b', {}, this.#code), words, link, ' in a tab, or ',
      this.#phone, '.');
  }

  // The server has closed the connection. A refusal says what to do.
  leave(reason, refused) {
    if (refused) $('room').replaceChildren(reason);
    else {
      const rest = this.#network.relayed ? 'Its relay went with it.' : 'What is connected stays connected.';
      write($('room'), `Room ${this.#code}: the server is gone (${reason}). ${rest}`);
    }
  }

  // How the two are to reach each other now. Returns what of it is new.
  changed(network) {
    const { relayed, loss, cut } = this.#network;
    const changes = { way: network.relayed !== relayed, loss: network.loss !== loss, mended: cut && !network.cut };
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
