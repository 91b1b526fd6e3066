// What the page says, and how much of it the server has acknowledged. A datagram that is
// lost on either way stays without an acknowledgement.
import { write } from '/shared/dom.js';

const BURST = 20; // messages, for a click
const PAUSE = 20; // ms between two

export class Messages {
  #lane;
  #sent;
  #session = null;
  #readAnswers;
  #number = 0;
  #acknowledged = 0;
  #output = document.querySelector('#messages output');

  // `sent()` is called for each message that leaves.
  constructor(lane, sent) {
    this.#lane = lane;
    this.#sent = sent;
    document.querySelector('#messages').addEventListener('click', () => this.#burst());
  }

  // `readAnswers(stream)` reads what the server says on a stream of ours.
  open(session, readAnswers) {
    this.#session = session;
    this.#readAnswers = readAnswers;
  }

  acknowledged(number) {
    if (!number) return; // the server did not understand: it says so in the console
    this.#acknowledged++;
    this.#show();
  }

  // One writer for all, as the session's samples come: datagrams, one stream, a stream each.
  async #burst() {
    const session = this.#session;
    if (!session) return;
    try {
      let say = await this.#writer(session);
      for (let count = 0; count < BURST; count++) {
        if (this.#lane === 'streams' && count) say = await this.#writer(session);
        await say.write(new TextEncoder().encode(`{"message":${++this.#number}}\n`));
        this.#sent();
        this.#show();
        if (this.#lane === 'streams') await say.close();
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
      if (this.#lane === 'stream') await say.close();
      say.releaseLock();
    } catch {
      // The session ended: the status says why.
    }
  }

  async #writer(session) {
    if (this.#lane === 'datagrams') return session.datagrams.writable.getWriter();
    const { readable, writable } = await session.createBidirectionalStream();
    void this.#readAnswers(readable);
    return writable.getWriter();
  }

  #show() {
    write(this.#output, `${this.#acknowledged} of ${this.#number} acknowledged`);
  }
}
