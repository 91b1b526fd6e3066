// Three sessions side by side: this page looks at three frames with the page of one session
// each, which report what happens in them.
import { ArrivalPlot } from '/arrival-plot.js';
import { obstacle } from '/session.js';
import { Clock } from '/shared/clock.js';
import { el, mark, write } from '/shared/dom.js';
import { latency, seconds } from '/shared/format.js';
import { ParentReporter } from '/shared/parent-reporter.js';
import { Status } from '/shared/status.js';
import { Tally } from '/shared/tally.js';
import { now } from '/shared/time.js';

const SCORE_INTERVAL = 500; // ms
const SLOW_RHYTHM = 300; // ms between samples, above which little is to be seen
const LANES = [
  ['datagrams', 'Datagrams'], ['stream', 'One stream'], ['streams', 'A stream each'],
];
const SCORE = ['delivered', 'missed', 'out of order', 'latency p50', 'latency p99'];

const clock = new Clock();
const reporter = new ParentReporter();
const slider = document.querySelector('#loss');
const percent = document.querySelector('output');
const pauseButton = document.querySelector('#pause');
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

class Lane {
  #tally = new Tally(clock);
  #plot;
  #status;
  #cells;
  #frame;
  #rhythm = { first: 0, last: 0, count: 0 };

  constructor(name, title, port) {
    const status = { box: el('p', { className: 'status', role: 'status', 'aria-live': 'off' }),
      words: el('span', { className: 'words' }), note: el('span', { className: 'note' }),
      summary: el('p', { className: 'unseen', role: 'status' }) };
    const shape = mark('');
    status.box.append(shape, el('span', {}, status.words, status.note));
    this.#status = new Status({ ...status, shape: shape.firstChild });
    const canvas = el('canvas', { role: 'img', 'aria-label': `When each sample arrived: ${title}` });
    this.#plot = new ArrivalPlot(canvas);
    this.#cells = SCORE.map(() => el('dd', {}, '–'));
    const score = SCORE.map((label, index) => el('div', {}, el('dt', {}, label), this.#cells[index]));
    this.#frame = el('iframe', { hidden: true, title, src: `/?lane=${name}&port=${port}` });
    this.element = el('section', { className: 'lane', id: name, 'aria-label': title },
      el('h2', {}, title), status.box, status.summary,
      el('div', { className: 'plot' }, canvas), el('dl', {}, ...score), this.#frame);
  }

  get window() {
    return this.#frame.contentWindow;
  }

  // Mean time between samples, in ms; undefined before there are some.
  get rhythm() {
    const { first, last, count } = this.#rhythm;
    return count > 2 ? (last - first) / (count - 1) : undefined;
  }

  add(event) {
    this.#status.add(event);
    this.#tally.add(event);
    if (event.type !== 'sample') return;
    const { seq, at } = event.sample;
    this.#plot.add(seq, clock.local(at), event.time);
    if (!this.#rhythm.count++) this.#rhythm.first = event.time;
    this.#rhythm.last = event.time;
  }

  restart() {
    this.#tally = new Tally(clock);
  }

  pause(right) {
    this.#plot.pause(right);
  }

  draw(right) {
    this.#plot.draw(right);
  }

  get score() {
    const { delivered, missed, outOfOrder } = this.#tally;
    return { delivered, missed, outOfOrder,
      p50: this.#tally.latency(0.5), p90: this.#tally.latency(0.9), p99: this.#tally.latency(0.99) };
  }

  show({ delivered, missed, outOfOrder, p50, p99 }) {
    this.#status.render(now());
    const texts = [delivered, missed, outOfOrder, latency(p50), latency(p99)];
    texts.forEach((text, index) => write(this.#cells[index], String(text)));
  }
}

async function relay(method, body) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch('/relay', { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

function showLoss(loss) {
  slider.value = loss;
  slider.ariaValueText = `${loss} %`;
  write(percent, `${loss} %`);
}

async function run() {
  const { port, loss, delay } = await relay('GET');
  write(document.querySelector('#delay'), String(delay));
  showLoss(loss);
  await clock.measure();
  const lanes = LANES.map(([name, title]) => new Lane(name, title, port));
  document.querySelector('#lanes').append(...lanes.map(({ element }) => element));
  addEventListener('message', ({ origin, source, data }) => {
    if (origin !== location.origin) return;
    lanes.find((lane) => lane.window === source)?.add(data.event);
  });
  let counted = loss; // since the counts began
  let last = Promise.resolve();
  slider.addEventListener('input', () => {
    const wanted = slider.valueAsNumber;
    showLoss(wanted);
    // One after the other, so that the last one wins.
    last = last.then(() => relay('PUT', { loss: wanted }))
      .then(() => {
        counted = wanted;
        lanes.forEach((lane) => lane.restart());
      }, failed);
  });
  setInterval(() => {
    if (document.hidden) return;
    const scores = lanes.map((lane) => lane.score);
    lanes.forEach((lane, index) => lane.show(scores[index]));
    const [datagrams, stream, streams] = scores;
    report({ loss: counted, lanes: { datagrams, stream, streams } });
    const rhythm = lanes[0].rhythm;
    write(document.querySelector('#hint'), rhythm > SLOW_RHYTHM
      ? `A sample comes every ${seconds(rhythm)}, and seldom one waits for another: start the server with --every 25ms to see more.` : '');
  }, SCORE_INTERVAL);
  animate(lanes);
}

function animate(lanes) {
  let paused = false;
  pauseButton.addEventListener('click', () => {
    paused = !paused;
    write(pauseButton, paused ? 'Resume plots' : 'Pause plots');
    lanes.forEach((lane) => lane.pause(paused && now()));
  });
  const frame = () => {
    lanes.forEach((lane) => lane.draw(now()));
    if (reducedMotion.matches) setTimeout(frame, 1000);
    else requestAnimationFrame(frame);
  };
  frame();
}

// To the page around this one, if there is one.
function report(fields) {
  reporter.add({ type: 'lanes', time: now(), ...fields });
}

function failed(error) {
  stop(`${error.message}: is the server running?`);
}

function stop(reason) {
  write(document.querySelector('#hint'), reason);
  report({ reason });
}

if (obstacle) stop(obstacle);
else run().catch(failed);
