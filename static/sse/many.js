// Opens many EventSources to one origin, and counts how many are open.
import { el, write } from '/shared/dom.js';

const $ = (id) => document.getElementById(id);
const NAMES = { 'http/1.1': 'HTTP/1.1', h2: 'HTTP/2', h3: 'HTTP/3' };
let sources = [];

const [{ nextHopProtocol }] = /** @type {PerformanceNavigationTiming[]} */ (
  performance.getEntriesByType('navigation'));
write($('protocol'), NAMES[nextHopProtocol] ?? nextHopProtocol);

function open() {
  close();
  sources = Array.from({ length: $('number').valueAsNumber },
    () => new EventSource('/api/v1/live-data'));
  $('streams').replaceChildren(...sources.map(() => el('li')));
  for (const source of sources) source.onopen = source.onerror = show;
  $('close').disabled = false;
  show();
}

function close() {
  for (const source of sources) source.close();
  show();
}

function show() {
  const states = sources.map(({ readyState }) => readyState === EventSource.OPEN);
  states.forEach((open, place) => write($('streams').children[place], open ? '●' : '○'));
  const count = states.filter(Boolean).length;
  if (sources.length) write($('count'), `${count} of ${sources.length} streams are open.`);
}

$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  open();
});
$('close').addEventListener('click', () => {
  close();
  $('close').disabled = true;
});
addEventListener('pagehide', close);
