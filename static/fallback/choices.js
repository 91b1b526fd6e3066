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
const waiting = new Set(); // the ids of events that are not acknowledged

let send = null; // sends a packet of the session that is connected, if one is
export const whenSaid = (sender) => { send = sender; };

document.querySelector('#say').addEventListener('click', () => {
  if (!send) return write(output, 'not connected');
  const id = ++said;
  waiting.add(id);
  write(output, `${id}: waiting`);
  send(`42${id}["say","hello ${id}"]`);
});

// `43`, the id, and what the server returns.
export function acknowledged(packet) {
  const id = parseInt(packet.slice(2), 10);
  if (waiting.delete(id)) write(output, `${id}: acknowledged`);
}
