// What answers, and what happened to the stream: in words, and to a page around this one.
import { el, write } from '/shared/dom.js';
import { duration, timeOfDay } from '/shared/format.js';
import { ParentReporter } from '/shared/parent-reporter.js';
import { now } from '/shared/time.js';

const LOG_CAPACITY = 50; // lines
const $ = (id) => document.getElementById(id);

export class Report {
  #parent = new ParentReporter();
  #cells = new Map(); // part → where the page shows it
  #up = new Map(); // part → whether it answered last; the stream: whether it is open
  #place = new Map(); // part → its program and process, or how it did not answer
  #since; // when the stream was cut; undefined while it is open, and before it first was
  #cuts = 0;

  constructor(parts) {
    for (const part of parts) {
      const [program, process] = [el('span', {}, '…'), el('span', { className: 'soft' })];
      this.#cells.set(part, { program, process });
      $('parts').append(el('div', {}, el('dt', {}, part), el('dd', {}, program, process)));
    }
  }

  // What the server answered to something that the reader did; nothing, if that was done.
  answer(text) {
    write(document.querySelector('#form output'), text);
  }

  opened(time) {
    if (this.#up.get('stream') === false && this.#since !== undefined) {
      const ms = time - this.#since;
      this.#log(time, `back after ${duration(ms)}`);
      this.#tell({ type: 'back', time, ms });
    } else {
      this.#log(time, 'open');
      this.#tell({ type: 'opened', time });
    }
    this.#since = undefined;
    this.#set('stream', true);
  }

  bye() {
    this.#log(now(), 'the program says that it ends');
  }

  cut(time) {
    if (this.#up.get('stream')) {
      this.#since = time;
      this.#cuts++;
      write($('cuts'), this.#cuts === 1 ? 'Cut once.' : `Cut ${this.#cuts} times.`);
      this.#log(time, 'cut');
      this.#tell({ type: 'cut', time });
    }
    this.#set('stream', false);
  }

  // Where a part runs. For the stream, only that: whether it is open is known better.
  answered(part, { program, process }) {
    if (part === 'stream') write($('shape'), program === 'monolith' ? 'as one program' : 'as services');
    this.#place.set(part, [program, `process ${process}`]);
    if (part !== 'stream') this.#set(part, true);
    else this.#show();
  }

  // The status of the answer; none, when nothing answered.
  unanswered(part, status) {
    this.#place.set(part, [status ? `status ${status}` : 'no answer', '']);
    if (part !== 'stream') this.#set(part, false);
    else this.#show();
  }


  #set(part, up) {
    const before = this.#up.get(part);
    this.#up.set(part, up);
    if (part !== 'stream' && before !== up) {
      const time = now();
      const how = up ? `${part} answers again` : `${part}: ${this.#place.get(part)[0]}`;
      if (before !== undefined) this.#log(time, how);
      this.#tell({ type: up ? 'answers' : 'away', time, part });
    }
    this.#show();
  }

  #show() {
    for (const [part, cell] of this.#cells) {
      const up = this.#up.get(part);
      const [program, process] = this.#place.get(part) ?? ['…', ''];
      cell.program.dataset.up = String(up);
      write(cell.program, `${up ? '●' : '○'} ${program}`);
      write(cell.process, process);
    }
    const away = [...this.#up].filter(([part, up]) => part !== 'stream' && !up).map(([part]) => part);
    const rest = away.length === 0 ? 'every part answers.'
      : away.length === 3 ? 'no part answers.' : `${away.join(' and ')} does not answer.`;
    document.body.dataset.stream = this.#up.get('stream') ? 'open' : 'cut';
    write($('summary'), this.#up.get('stream') ? `Live: ${rest}` : `Cut off: ${rest}`);
  }

  #log(time, text) {
    const log = $('log');
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
    log.append(el('p', {}, el('span', { className: 'soft' }, timeOfDay(time)), ` ${text}`));
    while (log.children.length > LOG_CAPACITY) log.firstChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }

  #tell(event) {
    this.#parent.add({ ...event, cuts: this.#cuts, program: this.#place.get('stream')?.[0] });
  }
}
