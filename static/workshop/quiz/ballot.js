// The answers of this browser, and how they reach the hub: by a WebSocket, because each vote must be
// acknowledged. Until a page receives `counted`, it does not know whether its vote arrived. So it
// sends the vote again on each new connection, and the hub counts a seat once.
import { browser } from '/workshop/lib/kept.js';
import { stayConnected } from '/workshop/lib/stay-connected.js';

const ANSWER_TIMEOUT = 5000; // ms for the answer to a vote; without one, the connection is taken for dead

// 128 random bits. Plain http is no secure context, so there is no crypto.randomUUID().
function draw() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const seat = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  browser.set('quiz-seat', seat);
  return seat;
}
const seat = browser.get('quiz-seat') ?? draw();

export class Ballot {
  sent = 0; // votes on the present connection
  connected = false;
  #changed;
  #run; // of the tally that our answers are in
  #answers = {}; // by question: { answer, counted, error }
  #open; // the id of the question that may be answered
  #said; // the id of the question that was answered on this connection
  /** @type {(vote: object) => void} */
  #send = () => {};

  // `changed()` is called when there is something else to show.
  constructor(changed) {
    this.#changed = changed;
    stayConnected((signal, heard) => this.#connect(signal, heard));
  }

  // Our answer to a question.
  to(question) {
    return this.#answers[question] ?? {};
  }

  give(question, answer) {
    this.#answers[question] = { answer };
    this.#said = undefined;
    this.#keep();
    this.#settle();
  }

  // Takes notice of the newest results.
  see({ run, question }) {
    if (run !== this.#run) {
      this.#run = run;
      const before = browser.read('quiz-answers');
      this.#answers = before?.run === run ? before.answers : {};
    }
    const open = question && !question.right ? question.id : undefined;
    if (open !== this.#open) this.#said = undefined;
    this.#open = open;
    this.#settle();
  }

  #keep() {
    browser.save('quiz-answers', { run: this.#run, answers: this.#answers });
    this.#changed();
  }

  // Sends our answer to the open question, once on each connection.
  #settle() {
    const question = this.#open;
    const { answer } = this.to(question);
    if (!this.connected || answer === undefined || this.#said === question) return;
    this.#said = question;
    this.#send({ vote: { question, answer, seat } });
  }

  #hear({ counted, error }) {
    if (counted) this.#answers[counted.question] = { answer: counted.answer, counted: true };
    else if (this.#said) this.#answers[this.#said] = { ...this.to(this.#said), error };
    this.#keep();
  }

  async #connect(signal, heard) {
    const url = new URL('/quiz/vote', location.href.replace('http', 'ws'));
    const socket = new WebSocket(url);
    await new Promise((resolve) => {
      signal.onabort = resolve;
      let overdue;
      this.#send = (vote) => {
        socket.send(JSON.stringify(vote));
        this.sent++;
        clearTimeout(overdue);
        overdue = setTimeout(resolve, ANSWER_TIMEOUT);
        this.#changed();
      };
      socket.onopen = () => {
        this.connected = true;
        this.sent = 0;
        this.#said = undefined;
        heard();
        this.#settle();
        this.#changed();
      };
      socket.onmessage = ({ data }) => {
        clearTimeout(overdue);
        this.#hear(JSON.parse(data));
      };
      socket.onclose = resolve;
    });
    socket.close(); // a dead server does not answer it
    this.connected = false;
    this.#changed();
  }
}
