// Which samples have arrived, when they may overtake each other: which one is new, and the
// cursor with which nothing is lost that may still come.
const SEEN_CAPACITY = 2000; // more than a server keeps for a client to resume

export class Arrivals {
  #lane;
  #run = '';
  #seq = 0; // number of the cursor
  #seen = new Set(); // numbers of this run, in the order in which they came

  // A lost datagram never comes: there the cursor is the newest sample. One that is missing
  // on a stream is still on its way: there it is the last one before that.
  /** @param {string} lane */
  constructor(lane) {
    this.#lane = lane;
  }

  // An id, or '' before the first.
  get cursor() {
    return this.#run && `${this.#run}-${this.#seq}`;
  }

  // Whether this sample is new.
  add(id) {
    const seq = this.#enter(id);
    if (this.#seen.has(seq)) return false;
    this.#seen.add(seq);
    if (this.#seen.size > SEEN_CAPACITY) this.#seen.delete(this.#seen.values().next().value);
    if (this.#lane === 'datagrams') this.#seq = Math.max(this.#seq, seq);
    this.#advance();
    return true;
  }

  // The server announced that nothing more comes up to this one.
  skip(id) {
    this.#seq = Math.max(this.#enter(id), this.#seq);
    this.#advance();
  }

  // The number of this id, after everything of another run was forgotten.
  #enter(id) {
    const dash = id.lastIndexOf('-');
    const [run, seq] = [id.slice(0, dash), Number(id.slice(dash + 1))];
    if (run !== this.#run) {
      this.#run = run;
      this.#seq = Math.max(0, seq - 1);
      this.#seen.clear();
    }
    return seq;
  }

  #advance() {
    while (this.#seen.has(this.#seq + 1)) this.#seq++;
  }
}
