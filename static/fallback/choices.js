// The choices of the page: which transports it takes, whether it says where it was, and an
// event that the server acknowledges.
import { write } from '/shared/dom.js';

const query = new URLSearchParams(location.search);
const transports = document.querySelector('#transports');
const recover = document.querySelector('#recover');
const output = document.querySelector('#say output');
const transport = document.querySelector('#transport');

transports.value = query.get('transport') === 'polling' ? 'polling' : 'upgrade';
transports.addEventListener('change', () => {
  query.set('transport', transports.value);
  location.search = String(query);
});

export const upgrades = () => transports.value === 'upgrade';
export const recovers = () => recover.checked;
export const showTransport = (words) => write(transport, words);

let said = 0;
const waiting = new Map(); // the id of an event → when it was sent

// `send(packet)` is called for each event: it returns false when there is no session.
export function whenSaid(send) {
  document.querySelector('#say').addEventListener('click', () => {
    const id = ++said;
    if (!send(`42${id}["say","hello ${id}"]`)) return write(output, 'not connected');
    waiting.set(id, performance.now());
    write(output, `${id}: waiting`);
  });
}

// `43`, the id, and what the server returns.
export function acknowledged(packet) {
  const id = parseInt(packet.slice(2), 10);
  if (!waiting.has(id)) return;
  write(output, `${id}: acknowledged`);
  waiting.delete(id);
}
