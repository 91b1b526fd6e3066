// The page around a technique: it turns what client.js reports into events, hands each to
// every instrument, and calls client.js back when the reader or the browser says so.
// It knows nothing of addresses, formats or retries: those are in client.js.
import { anatomy, source } from '/shared/anatomy.js';
import { callListener } from '/shared/call-listener.js';
import { Clock } from '/shared/clock.js';
import { write } from '/shared/dom.js';
import { seconds } from '/shared/format.js';
import { lifecycle } from '/shared/lifecycle.js';
import { ParentReporter } from '/shared/parent-reporter.js';
import { Score } from '/shared/score.js';
import { SequenceDiagram } from '/shared/sequence-diagram.js';
import { Status } from '/shared/status.js';
import { Refusal, endPauses, now } from '/shared/time.js';

const RENDER_INTERVAL = 100; // ms: ages are shown in tenths of a second
const MEASURE_DELAY = 100; // ms: the next request can reuse the connection before /clock does

export class Page {
  #start;
  #clock = new Clock();
  #parts = anatomy();
  /** @type {{ add(event: object): void, render?(time: number): void }[]} */
  #instruments;
  #running = null; // the AbortController behind `stopped`, while running
  #connection = new AbortController();
  #heard = false; // from the server, since it failed last
  #remeasure = false;
  #newest = null;

  // `start(stopped)` is the technique. It goes on until the signal `stopped` aborts.
  /** @param {(stopped: AbortSignal) => Promise<void>} start */
  constructor(start) {
    this.#start = start;
    const { status, canvas, score, button, pause } = this.#parts;
    const diagram = new SequenceDiagram(canvas, {
      local: (at) => this.#clock.local(at),
      axis: !matchMedia('(max-height: 11rem)').matches, // a low frame shares its neighbour's
    });
    this.#instruments = [
      new Status(status),
      diagram,
      new Score(score, this.#clock),
      new ParentReporter(),
      { add: (event) => this.#follow(event), render: () => this.#showAge() },
    ];
    button.addEventListener('click', () => (this.#running ? this.stop() : this.start()));
    pause.addEventListener('click', () => {
      const paused = diagram.pause(!diagram.paused);
      write(pause, paused ? 'Resume diagram' : 'Pause diagram');
    });
    this.#ownControls();
    this.#watchLifecycle();
    setInterval(() => this.#render(), RENDER_INTERVAL);
    if (window === parent) source(this.#parts.source); // a frame has no room for it
    queueMicrotask(() => this.start()); // once client.js has been read to its end
  }

  // What client.js reports: one line each, in the order in which things happen.
  request(url) { this.#emit('request', { url: String(url) }); }
  opened() { this.#heard = true; this.#emit('opened'); }
  sample(sample) { this.#emit('sample', { sample }); }
  response(count) { this.#heard = true; this.#emit('response', { samples: count }); }
  waiting(ms) { this.#emit('waiting', { ms }); }
  heartbeat() { this.#emit('heartbeat'); }
  message(word) { this.#emit('message', { word }); }
  sent(word) { this.#emit('sent', { word }); }
  gap(gap) { this.#emit('gap', { gap }); }
  ended(reason) { this.#emit('ended', { reason }); }
  lanes(lanes) { this.#emit('lanes', { lanes }); }

  // Without `ms`, the browser reconnects by itself; with it, the rest of the connection is
  // aborted. Browsers word these two errors differently, so they get a reason of our own.
  failed(error, ms) {
    let reason = error?.message;
    // Browsers tell no more.
    if (!error || error instanceof TypeError) reason = this.#heard ? 'connection lost' : 'no connection';
    this.#heard = false;
    if (error instanceof SyntaxError) reason = 'not JSON: a login page of the wifi?';
    this.#emit(error instanceof Refusal ? 'refused' : 'failed', { reason, ms });
    if (ms !== undefined) this.#connection.abort();
  }

  // The signal for one connection: it aborts when the reader aborts the connection, or stops.
  connectionSignal(stopped) {
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

  // A stopped page sends nothing, so the buttons that send are disabled.
  #switch(on) {
    write(this.#parts.button, on ? 'Stop' : 'Start');
    for (const button of document.querySelectorAll('.controls button:not(#start)')) {
      button.disabled = !on;
    }
  }

  // Controls that index.html may have: a button that aborts, and sliders of seconds with their value.
  #ownControls() {
    const abort = () => this.#connection.abort(new Error('aborted by this page'));
    document.querySelector('#abort')?.addEventListener('click', abort);
    for (const slider of document.querySelectorAll('input[type=range]:not([data-unit])')) {
      const show = () => {
        slider.ariaValueText = seconds(slider.valueAsNumber * 1000);
        write(slider.nextElementSibling, slider.ariaValueText);
      };
      slider.addEventListener('input', show);
      slider.addEventListener('change', endPauses); // the new interval applies at once
      show();
    }
  }

  // The one place through which every event goes.
  #emit(type, detail) {
    const event = { type, time: now(), ...detail };
    for (const instrument of this.#instruments) callListener(() => instrument.add(event));
  }

  #follow({ type, sample }) {
    if (type === 'failed' || type === 'refused') this.#remeasure = true;
    if (type !== 'sample') return;
    if (this.#remeasure) setTimeout(() => this.#measure(), MEASURE_DELAY);
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
    if (!this.#running) return; // a stopped page sends nothing
    // A failure here only leaves the estimate as it was; client.js meets the same network.
    this.#clock.measure(this.#running.signal).catch(() => {});
  }

  #render() {
    if (document.hidden) return;
    for (const instrument of this.#instruments) callListener(() => instrument.render?.(now()));
  }

  // After sleep a connection may be dead without an event that says so, and the cursor makes
  // a new one cheap.
  #reconnect(reason) {
    if (!this.#running) return;
    this.#connection.abort(new Error(reason));
    this.#remeasure = true;
  }

  #watchLifecycle() {
    let resume = false;
    lifecycle({
      leave: () => {
        resume = Boolean(this.#running);
        this.stop('the page is hidden');
      },
      comeBack: () => resume && this.start(),
      reconnect: (reason) => this.#reconnect(reason),
    });
  }
}
