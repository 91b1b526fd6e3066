// Server monitor: each event replaces the one before. A server that is dead can't say so, so the
// page does, when nothing comes.
import { connect, lost, opened, say } from '/gallery.js';
import { write } from '/shared/dom.js';

const STALE_TIMEOUT = 4000; // ms without a measurement; one is due each second
const SUMMARY_INTERVAL = 15_000; // ms between two sentences for screen readers
let stale;
let summarized = 0;

connect(() => {
  const source = new EventSource('/monitor/events');
  source.addEventListener('health', ({ data }) => show(JSON.parse(data)));
  source.onopen = opened;
  source.onerror = () => lost();
  return source;
});

function show({ status, uptime, clients, cpu, memory, machine }) {
  set('status', status);
  set('uptime', duration(uptime));
  set('clients', clients);
  set('cpu', `${cpu.toFixed(1)} %`);
  set('memory', size(memory));
  set('machine-cpu', `${machine.cpu.toFixed(0)} %`);
  set('machine-memory', `${size(machine.memory)} of ${size(machine.of)}`);
  say('Alive', 'open');
  const heard = Date.now();
  clearInterval(stale);
  stale = setInterval(() => {
    const age = Date.now() - heard;
    if (age > STALE_TIMEOUT) say(`Stale: nothing for ${Math.round(age / 1000)} s`, 'stale');
  }, 500);
  if (heard - summarized < SUMMARY_INTERVAL) return;
  summarized = heard;
  set('summary', `${status}, up for ${duration(uptime)}, ${clients} connections, CPU ${cpu.toFixed(0)} %.`);
}

const set = (id, text) => write(document.getElementById(id), String(text));
const size = (bytes) => (bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);
const duration = (s) => (s < 120 ? `${s} s` : s < 7200 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`);
