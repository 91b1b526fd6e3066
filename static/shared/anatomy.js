// The anatomy of a technique's page: navigation, status, value, sequence diagram, score, controls,
// source. The technique's own words and controls are in its index.html.
import { el, mark, write } from '/shared/dom.js';
import { joinButton } from '/shared/join.js';
import { navigation } from '/shared/nav.js';
import { BEYOND, TITLES } from '/shared/titles.js';

// The default ports are a contract between the servers, so each page knows the five.
const PORTS = { 'short-poll': 3001, 'long-poll': 3002, 'http-stream': 3003, sse: 3004, websocket: 3005,
  webrtc: 3007, webtransport: 3008, push: 3009, fallback: 3010, mqtt: 3011, gallery: 3012 };
const OVER_UDP = ['webrtc', 'webtransport'];
const SCORE = [
  ['delivered', 'delivered'], ['missed', 'missed'], ['duplicated', 'duplicated'],
  ['requests', 'requests'], ['empty', 'empty responses'], ['connections', 'connections'],
  ['p50', 'latency p50'], ['p99', 'latency p99'],
];

// Builds what is not in index.html and returns the parts that the instruments write to.
export function anatomy() {
  const technique = document.documentElement.dataset.technique;
  const main = document.querySelector('main');
  const idea = main.querySelector('.idea');
  const legend = main.querySelector('.legend');
  const controls = main.querySelector('.controls');

  const status = {
    box: el('p', { className: 'status', role: 'status', 'aria-live': 'off' }),
    words: el('span', { className: 'words' }),
    note: el('span', { className: 'note' }),
    summary: el('p', { className: 'unseen', role: 'status' }),
    awaited: legend.dataset.awaited, // what follows a request, when it is not a response
  };
  const shape = mark('');
  status.shape = shape.firstChild;
  status.box.append(shape, el('span', {}, status.words, status.note));

  const value = el('p', { className: 'value' }, '·'.repeat(13));
  const number = el('span', { className: 'number' }, '#–');
  const age = el('span', { className: 'age' }, 'nothing yet');
  const run = el('span', { className: 'run' });
  const newest = el('section', { className: 'newest', 'aria-label': 'Newest sample' },
    value, el('p', { className: 'facts' }, number, age, run));

  const canvas = el('canvas', { role: 'img',
    'aria-label': `Sequence diagram of server and client. ${legend.textContent}` });
  Object.assign(canvas.dataset, legend.dataset); // other names for its two lines
  const pause = el('button', { className: 'quiet' }, 'Pause diagram');
  const diagram = el('figure', { className: 'diagram' },
    el('div', { className: 'canvas' }, canvas), el('figcaption', {}, legend, pause));

  const score = {};
  const cells = SCORE.map(([name, label]) => {
    // Over UDP, no response is empty, and samples may overtake each other.
    if (name === 'empty' && OVER_UDP.includes(technique)) [name, label] = ['disorder', 'out of order'];
    score[name] = { value: el('dd', {}, '–'), error: el('span', { className: 'error' }) };
    return el('div', {}, el('dt', {}, label, ' ', score[name].error), score[name].value);
  });

  const button = el('button', { id: 'start', className: 'main' }, 'Stop');
  controls.prepend(button);
  idea.after(status.box, status.summary, newest, diagram,
    el('dl', { className: 'score' }, ...cells));

  document.body.prepend(header(technique));
  const code = { client: el('code'), server: el('code') };
  main.after(el('section', { id: 'source', 'aria-label': 'Source' },
    listing('client.js', 'this page', code.client),
    listing('lib.rs', 'the server', code.server)));
  return { status, value, number, age, run, canvas, pause, score, button, source: code };
}

// Shows the files as they are running: the page's own, and the one compiled into the server.
export function source({ client, server }) {
  for (const [code, url] of [[client, '/client.js'], [server, '/lib.rs']]) {
    fetch(url)
      .then((response) => response.text())
      .then((text) => write(code, text), () => write(code, 'not available'));
  }
}

function listing(name, what, code) {
  return el('figure', {}, el('figcaption', {}, el('b', {}, name), ` ${what}`),
    el('pre', { tabIndex: 0, 'aria-label': `${name}, ${what}` }, code));
}

function header(technique) {
  // With another --base-port, or behind a proxy, all five ports are shifted by the same hundreds.
  const moved = Number(location.port) - PORTS[technique];
  const shift = moved % 100 ? 0 : moved;
  const own = technique in BEYOND ? [[technique, BEYOND[technique]]] : [];
  const links = [...Object.entries(TITLES), ...own].map(([name, title]) => {
    const link = el('a', { title: `cargo run -p ${name}` }, title);
    link.href = `${location.protocol}//${location.hostname}:${PORTS[name] + shift}/`;
    link.dataset.technique = name;
    if (name === technique) {
      link.href = '/';
      link.setAttribute('aria-current', 'page');
    }
    return link;
  });
  const [open, dialog] = joinButton('Open on a phone', technique);
  const actions = el('div', { className: 'actions' },
    el('a', { className: 'quiet', href: '#source' }, 'Source'), open);
  return el('header', {}, navigation('Techniques', links), actions, dialog);
}
