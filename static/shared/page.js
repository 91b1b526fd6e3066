// The page around a technique: it turns what client.js reports into events, hands each to
// every instrument, and calls client.js back when the reader or the browser says so.
// It knows nothing of addresses, formats or retries: those stand in client.js.
import { anatomy, source } from '/shared/anatomy.js';
import { Clock } from '/shared/clock.js';
import { write } from '/shared/dom.js';
import { seconds } from '/shared/format.js';
import { Ladder } from '/shared/ladder.js';
import { lifecycle } from '/shared/lifecycle.js';
import { Parent } from '/shared/parent.js';
import { safely } from '/shared/safely.js';
import { Score } from '/shared/score.js';
import { Status } from '/shared/status.js';
import { Refusal, hurry, now } from '/shared/time.js';

const TICK_INTERVAL = 100; // ms between two looks at the clock: ages are shown in tenths

export class Page {
  #start;
  #clock = new Clock();
  #parts = anatomy();
  /** @type {{ add(event: object): void, render?(time: number): void }[]} */
  #instruments;
  #running = null; // the AbortController behind `stopped`, while running
  #connection = new AbortController();
  #remeasure = false;
  #newest = null;

  // `start(stopped)` is the technique. It goes on until the signal `stopped` aborts.
  /** @param {(stopped: AbortSignal) => Promise<void>} start */
  constructor(start) {
    this.#start = start;
    const { status, ladder, score, button, pause } = this.#parts;
    const drawing = new Ladder(ladder, {
      local: (at) => this.#clock.local(at),
      axis: !matchMedia('(max-height: 11rem)').matches, // a lane has its neighbours'
    });
    this.#instruments = [
      new Status(status),
      drawing,
      new Score(score, this.#clock),
      new Parent(),
      { add: (event) => this.#follow(event), render: () => this.#showAge() },
    ];
    button.addEventListener('click', () => (this.#running ? this.stop() : this.start()));
    pause.addEventListener('click', () => {
      const paused = drawing.pause(!drawing.paused);
      write(pause, paused ? 'Resume picture' : 'Pause picture');
    });
    this.#ownControls();
    this.#liveWithTheBrowser();
    setInterval(() => this.#tick(), TICK_INTERVAL);
    if (window === parent) source(this.#parts.source); // a frame has no room for it
    queueMicrotask(() => this.start()); // once client.js has been read to its end
  }

  // What client.js reports: one line each, in the order in which things happen.
  request(url) { this.#emit('request', { url: String(url) }); }
  opened() { this.#emit('opened'); }
  sample(sample) { this.#emit('sample', { sample }); }
  answered(count) { this.#emit('answered', { samples: count }); }
  waiting(ms) { this.#emit('waiting', { ms }); }
  heartbeat() { this.#emit('heartbeat'); }
  message(word) { this.#emit('message', { word }); }
  sent(word) { this.#emit('sent', { word }); }
  gap(gap) { this.#emit('gap', { gap }); }
  ended(reason) { this.#emit('ended', { reason }); }

  // Without a wait, the browser tries again by itself; otherwise what is left of the
  // connection ends now. Of what went wrong, each browser says it in other words.
  cut(error, ms) {
    let reason = error?.message;
    if (!error || error instanceof TypeError) reason = 'connection lost'; // all that fetch says
    if (error instanceof SyntaxError) reason = 'answer not understood'; // a login page of the wifi?
    this.#emit(error instanceof Refusal ? 'refused' : 'cut', { reason, ms });
    if (ms !== undefined) this.#connection.abort();
  }

  // The signal for one connection: it aborts when the reader aborts the connection, or stops.
  cuttable(stopped) {
    this.#connection = new AbortController();
    return AbortSignal.any([stopped, this.#connection.signal]);
  }

  start() {
    if (this.#running) return;
    this.#running = new AbortController();
    this.#emit('started');
    this.#switch(true);
    this.#measure();
    void this.#start(this.#running.signal);
  }

  stop(reason) {
    if (!this.#running) return;
    this.#running.abort();
    this.#running = null;
    this.#emit('stopped', { reason });
    this.#switch(false);
  }

  // A stopped page sends nothing, so what would send is out of order.
  #switch(on) {
    write(this.#parts.button, on ? 'Stop' : 'Start');
    for (const button of document.querySelectorAll('.controls button:not(#start)')) {
      button.disabled = !on;
    }
  }

  // Controls that index.html may have: a button that aborts, and sliders with their value.
  #ownControls() {
    const abort = () => this.#connection.abort(new Error('aborted in the page'));
    document.querySelector('#abort')?.addEventListener('click', abort);
    for (const slider of document.querySelectorAll('input[type=range]')) {
      const show = () => {
        slider.ariaValueText = seconds(slider.valueAsNumber * 1000);
        write(slider.nextElementSibling, slider.ariaValueText);
      };
      slider.addEventListener('input', show);
      slider.addEventListener('change', hurry); // nobody waits out the old value
      show();
    }
  }

  // The one place through which every event goes.
  #emit(type, detail) {
    const event = { type, time: now(), ...detail };
    for (const instrument of this.#instruments) safely(() => instrument.add(event));
  }

  #follow({ type, sample }) {
    if (type === 'cut' || type === 'refused') this.#remeasure = true;
    if (type !== 'sample') return;
    // A little later, or it would take the connection that the next question can reuse.
    if (this.#remeasure) setTimeout(() => this.#measure(), TICK_INTERVAL);
    this.#remeasure = false;
    this.#newest = sample;
    const { value, number, run } = this.#parts;
    write(value, sample.data);
    write(number, `#${sample.seq}`);
    write(run, `run ${sample.id.split('-')[0]}`);
    this.#showAge();
  }

  #showAge() {
    if (!this.#newest) return;
    write(this.#parts.age, `${seconds(now() - this.#clock.local(this.#newest.at))} ago`);
  }

  #measure() {
    if (!this.#running) return; // a stopped page asks for nothing
    // A failure here only leaves the estimate as it was; client.js meets the same network.
    this.#clock.measure(this.#running.signal).catch(() => {});
  }

  #tick() {
    if (document.hidden) return;
    for (const instrument of this.#instruments) safely(() => instrument.render?.(now()));
  }

  // After sleep a connection may be dead without anybody having said so, and the cursor
  // makes a new one cheap.
  #reconnect(reason) {
    if (!this.#running) return;
    this.#connection.abort(new Error(reason));
    this.#remeasure = true;
  }

  #liveWithTheBrowser() {
    let resume = false;
    lifecycle({
      leave: () => {
        resume = Boolean(this.#running);
        this.stop('the page is hidden');
      },
      comeBack: () => resume && this.start(),
      reconnect: (why) => this.#reconnect(why),
    });
  }
}
