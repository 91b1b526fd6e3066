// The chat beside the samples: what people say, what this page says, and the echo.
import { el, write } from '/shared/dom.js';
import { now } from '/shared/time.js';

const LOG_CAPACITY = 100; // lines

// The close codes a page can meet (RFC 6455 §7.4.1 and IANA's registry).
const MEANING = {
  1000: 'done', 1001: 'the server shuts down', 1002: 'protocol error', 1003: 'expected text',
  1005: 'no code given', 1006: 'cut, without a close frame', 1007: 'bad UTF-8', 1008: 'no answer to pings',
  1009: 'message too big', 1011: 'error in the server', 1012: 'the server restarts',
};

// A server may close with a code of its own, and without a reason.
export const meaning = (code) => MEANING[code] ?? 'no reason given';

export class Chat {
  #log = document.querySelector('#log');
  #form = document.querySelector('#chat');
  #send;
  #name = ''; // what the server calls us
  #wish = ''; // what we want to be called: what we were called first, or chose
  #asked = false; // whether the server has yet to answer that

  // `say` sends a message, and returns whether there was a connection.
  constructor(say) {
    const { name, text } = this.#form.elements;
    this.#send = (message) => {
      const sent = say(message);
      if (!sent) this.#add('note', 'Not sent: not connected');
      return sent;
    };
    name.addEventListener('change', () => {
      this.#wish = name.value.trim();
      this.#asked = this.#wish !== '' && this.#send({ name: this.#wish });
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (text.value.trim() && !this.#send({ say: text.value.trim() })) return;
      text.value = '';
    });
    document.querySelector('#echo').addEventListener('click', echo);
  }

  // What an old connection was asked, a new one does not know.
  connecting() {
    this.#asked = false;
  }

  // Whether the message was for the chat.
  /** @param {{ welcome?: { name: string }, said?: { name: string, text: string }, error?: string }} message */
  hear({ welcome, said, error }) {
    if (welcome) this.#greet(welcome.name);
    if (said) this.#add('', el('b', {}, guest(said.name)), ' ', guest(said.text));
    if (error) this.#refuse(error);
    return Boolean(welcome || said || error);
  }

  // Each connection begins with a new guest's name, so ours is asked for again. The server's
  // answer is the last word, whatever it made of the wish.
  #greet(name) {
    const wanting = this.#wish && this.#wish !== name && !this.#asked;
    this.#asked = wanting;
    if (wanting) return this.#send({ name: this.#wish });
    if (name !== this.#name) this.#add('note', 'You are ', guest(name), '.');
    this.#name = this.#wish = name;
    this.#showName();
  }

  // If a name was refused, a later connection need not ask for it.
  #refuse(error) {
    this.#add('note', `Not sent: ${error}`);
    this.#wish = this.#name;
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

// What a guest chose, in a box of its own: no character in it turns the line around it.
const guest = (text) => el('bdi', {}, text);

// There and back on a connection of its own, without counting the time to connect.
function echo() {
  const output = document.querySelector('#echo output');
  const socket = new WebSocket('/echo');
  let sent;
  socket.onopen = () => {
    sent = now();
    socket.send('hello');
  };
  socket.onmessage = () => {
    write(output, `${(now() - sent).toFixed(1)} ms`);
    socket.close(1000);
  };
  socket.onerror = () => write(output, 'failed');
}
