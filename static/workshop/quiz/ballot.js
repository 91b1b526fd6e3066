// The answers of this browser, and how they reach the hub: by a WebSocket, because each vote must be
// acknowledged. Until a page receives `counted`, it does not know whether its vote arrived. So it
// sends the vote again on each new connection, and the hub counts a seat once.
import { now } from '/shared/time.js';
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
  #returned;
  #lostAt; // when the connection before this one ended
  #run; // the id of the tally in which the stored answers were counted
  #answers = {}; // by question: { answer, counted, error }
  #open; // the id of the question that may be answered
  #sentQuestion; // the id of the question whose vote was sent on this connection
  /** @type {(vote: object) => void} */
  #send = () => {};

  // `changed()` is called when there is something else to show; `returned(since)` when a connection
  // is back that was lost at this time.
  constructor(changed, returned) {
    this.#changed = changed;
    this.#returned = returned;
    stayConnected((signal, resetBackoff) => this.#connect(signal, resetBackoff));
    // Another tab of this browser has the same seat: what is answered there is answered here.
    addEventListener('storage', ({ key }) => {
      if (key !== 'quiz-answers') return;
      this.#recall();
      this.#changed();
    });
  }

  // Our answer to a question.
  to(question) {
    return this.#answers[question] ?? {};
  }

  give(question, answer) {
    this.#answers[question] = { answer };
    this.#sentQuestion = undefined;
    this.#keep();
    this.#sendVote();
  }

  // Takes notice of the newest results.
  see({ run, question }) {
    if (run !== this.#run) {
      this.#run = run;
      this.#recall();
    }
    const open = question && !question.right ? question.id : undefined;
    if (open !== this.#open) this.#sentQuestion = undefined;
    this.#open = open;
    this.#sendVote();
  }

  #recall() {
    const before = browser.read('quiz-answers');
    this.#answers = before?.run === this.#run ? before.answers : {};
  }

  #keep() {
    browser.save('quiz-answers', { run: this.#run, answers: this.#answers });
    this.#changed();
  }

  // Sends our answer to the open question, once on each connection.
  #sendVote() {
    const question = this.#open;
    const { answer } = this.to(question);
    if (!this.connected || answer === undefined || this.#sentQuestion === question) return;
    this.#sentQuestion = question;
    this.#send({ vote: { question, answer, seat } });
  }

  #hear({ counted, error }) {
    if (counted) this.#answers[counted.question] = { answer: counted.answer, counted: true };
    else if (this.#sentQuestion) this.#answers[this.#sentQuestion] = { ...this.to(this.#sentQuestion), error };
    this.#keep();
  }

  async #connect(signal, resetBackoff) {
    const socket = new WebSocket('/quiz/vote');
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
        this.#sentQuestion = undefined;
        resetBackoff();
        if (this.#lostAt) this.#returned(this.#lostAt);
        this.#sendVote();
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
    this.#lostAt = now();
    this.#changed();
  }
}
