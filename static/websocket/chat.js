// The chat: messages of everyone, and of this page; and the round trip of an echo.
import { el, write } from '/shared/dom.js';
import { roundTrip } from '/shared/format.js';
import { now } from '/shared/time.js';

const LOG_CAPACITY = 100; // lines

// The close codes a page can meet (RFC 6455 §7.4.1 and IANA's registry).
const MEANING = {
  1000: 'done', 1001: 'the server shuts down', 1002: 'protocol error', 1003: 'expected text',
  1005: 'no code given', 1006: 'no close frame', 1007: 'bad UTF-8', 1008: 'pings unanswered',
  1009: 'message too big', 1011: 'error in the server', 1012: 'the server restarts',
};

// A server may close with a code of its own, and without a reason.
export const meaning = (code) => MEANING[code] ?? 'no reason given';

export class Chat {
  #log = document.querySelector('#log');
  #form = document.querySelector('#chat');
  #send;
  #name = ''; // of this guest, as the server knows it
  #wantedName = ''; // the first name from the server, or the one that the guest chose
  #namePending = false; // the wanted name was sent, and the server has not replied yet
  #isGreeted = false; // on this connection
  #unheard = []; // texts that this page sent, and that have not come back

  // `say` sends a message, and returns whether there was a connection.
  constructor(say) {
    const { name, text } = this.#form.elements;
    this.#send = (message) => {
      const sent = say(message);
      if (!sent) this.#add('note', 'Not sent: not connected');
      else if (message.say) this.#unheard.push(message.say);
      return sent;
    };
    name.addEventListener('change', () => {
      this.#wantedName = name.value.trim();
      this.#namePending = this.#wantedName !== '' && this.#send({ name: this.#wantedName });
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (text.value.trim() && !this.#send({ say: text.value.trim() })) return;
      text.value = '';
    });
    document.querySelector('#echo').addEventListener('click', echo);
  }

  // A new connection has no reply to wait for.
  connecting() {
    this.#namePending = this.#isGreeted = false;
    this.#unheard = [];
  }

  // Returns 'echo' for what answers a message of this page, and 'chat' for all else.
  /** @param {{ welcome?: { name: string }, said?: { name: string, text: string }, error?: string }} message */
  hear({ welcome, said, error }) {
    const answers = error || (said ? this.#isOwn(said) : this.#isGreeted);
    if (welcome) this.#greet(welcome.name);
    if (said) this.#add('', el('b', {}, guest(said.name)), ' ', guest(said.text));
    if (error) this.#refuse(error);
    return answers ? 'echo' : 'chat';
  }

  #isOwn({ name, text }) {
    const at = name === this.#name ? this.#unheard.indexOf(text) : -1;
    if (at >= 0) this.#unheard.splice(at, 1);
    return at >= 0;
  }

  // Each connection begins with a new guest's name, so the wanted name is requested again. The
  // server's reply decides, even if the name is another.
  #greet(name) {
    this.#isGreeted = true;
    const wanting = this.#wantedName && this.#wantedName !== name && !this.#namePending;
    this.#namePending = wanting;
    if (wanting) return this.#send({ name: this.#wantedName });
    if (name !== this.#name) this.#add('note', 'You are ', guest(name), '.');
    this.#name = this.#wantedName = name;
    this.#showName();
  }

  // A name that was refused is not requested again on a later connection.
  #refuse(error) {
    this.#add('note', `Not sent: ${error}`);
    // An error answers what was sent first: a name, or a text that was not said.
    if (this.#namePending) this.#namePending = false;
    else this.#unheard.shift();
    this.#wantedName = this.#name;
    this.#showName();
  }

  #showName() {
    const field = this.#form.elements.name;
    if (document.activeElement !== field) field.value = this.#name;
  }

  // Scrolls only for a reader who is at the end.
  #add(className, ...children) {
    const log = this.#log;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
    log.append(el('p', { className }, ...children));
    while (log.children.length > LOG_CAPACITY) log.firstChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }
}

// Text of a guest, isolated so that right-to-left characters do not reorder the rest of the line.
const guest = (text) => el('bdi', {}, text);

// Measures a round trip on a new connection, once it is open.
function echo() {
  const output = document.querySelector('#echo output');
  const socket = new WebSocket('/echo');
  let sent;
  socket.onopen = () => {
    sent = now();
    socket.send('hello');
  };
  socket.onmessage = () => {
    write(output, roundTrip(now() - sent));
    socket.close(1000);
  };
  socket.onerror = () => write(output, 'failed');
}
