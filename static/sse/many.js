// Opens many EventSources to one origin, and counts how many are open.
import { el, write } from '/shared/dom.js';
import { ParentReporter } from '/shared/parent-reporter.js';
import { now } from '/shared/time.js';

const $ = (id) => document.getElementById(id);
const NAMES = { 'http/1.1': 'HTTP/1.1', h2: 'HTTP/2', h3: 'HTTP/3' };
const parent = new ParentReporter();
let sources = [];

// In a frame, the navigation itself does not say it.
const entries = /** @type {PerformanceResourceTiming[]} */ (
  ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type)));
const protocol = entries.map(({ nextHopProtocol }) => nextHopProtocol).find(Boolean);
write($('protocol'), NAMES[protocol] ?? protocol ?? 'an unknown protocol');

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
  parent.add({ type: 'streams', time: now(), open: count, of: sources.length,
    protocol: $('protocol').textContent });
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
show();
