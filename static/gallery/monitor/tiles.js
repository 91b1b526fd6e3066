// The measurement in figures and, now and then, in a sentence for screen readers.
import { write } from '/shared/dom.js';

const SUMMARY_INTERVAL = 15_000; // ms between two sentences
let summarized = 0;

export function show({ status, uptime, clients, cpu, memory, machine }) {
  set('status', status);
  set('uptime', duration(uptime));
  set('clients', clients);
  set('cpu', `${cpu.toFixed(1)} %`);
  set('memory', size(memory));
  set('machine-cpu', `${machine.cpu.toFixed(0)} %`);
  set('machine-memory', `${size(machine.memory)} of ${size(machine.of)}`);
  if (Date.now() - summarized < SUMMARY_INTERVAL) return;
  summarized = Date.now();
  set('summary', `${status}, up for ${duration(uptime)}, ${clients} connections, CPU ${cpu.toFixed(0)} %.`);
}

const set = (id, text) => write(document.getElementById(id), String(text));
const size = (bytes) => (bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);
const duration = (s) => (s < 120 ? `${s} s` : s < 7200 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`);
