// The room: its devices, their open pages, and the effects that they have put on themselves. The
// device that is pressed is the one that the desk acts on.
import { el, mark, write } from '/shared/dom.js';
import { live } from '/workshop/lib/live.js';
import { TECHNIQUES, title } from '/workshop/lib/techniques.js';
import { EFFECTS } from '/workshop/presenter/desk.js';

const $ = (id) => document.getElementById(id);
const names = Object.keys(TECHNIQUES);
const rows = new Map(); // client → its row and option

export function clients() {
  const heads = names.map((name) => {
    const shape = el('span', { className: 'badge', title: title(name) },
      mark(TECHNIQUES[name].shape), el('span', { className: 'unseen' }, title(name)));
    shape.dataset.technique = name;
    return el('th', { scope: 'col' }, shape);
  });
  const body = el('tbody');
  $('clients').append(el('thead', {}, el('tr', {},
    el('th', { scope: 'col' }, 'device'), el('th', { scope: 'col' }, 'pages'), ...heads)), body);
  $('target').addEventListener('change', choose);
  live.on('room', (room) => {
    const here = room.clients ?? [];
    const { length } = here.filter(({ client }) => room.effects.some((effect) => effect.client === client));
    write($('devices'), `${here.length}${length ? `, effects on ${length}` : ''}`);
    const gone = [...rows.keys()].filter((client) => !here.some((one) => one.client === client));
    gone.forEach(forget);
    for (const one of here) show(row(one.client, body), one, room.effects);
    choose();
  });
}

function row(client, body) {
  if (rows.has(client)) return rows.get(client);
  const name = el('button', { className: 'quiet', ariaPressed: 'false' }, client);
  const own = el('span', { className: 'own' });
  const counts = names.map(() => el('td'));
  const pages = el('td');
  const parts = {
    name, own, counts, pages,
    element: el('tr', {}, el('th', { scope: 'row' }, name, own), pages, ...counts),
    option: el('option', { value: client }, client),
  };
  name.addEventListener('click', () => {
    const select = $('target');
    select.value = select.value === client ? '' : client;
    select.dispatchEvent(new Event('change'));
  });
  rows.set(client, parts);
  body.append(parts.element);
  $('target').append(parts.option);
  return parts;
}

function show({ pages, counts, own, option }, { client, pages: count, open }, effects) {
  write(pages, String(count));
  names.forEach((name, i) => write(counts[i], String(open[name] || '·')));
  const theirs = effects.filter((effect) => effect.client === client);
  write(own, theirs.map(({ effect, technique, left }) => ` ${EFFECTS[effect]} ${
    technique ? title(technique) : 'all'}${left ? `, ${left} s` : ''}`).join(';'));
  write(option, client);
}

// A device that the desk is set to stays in the list, also when it left, until another is chosen.
function forget(client) {
  const { element, option } = rows.get(client);
  if ($('target').value === client) return write(option, `${client} (left)`);
  element.remove();
  option.remove();
  rows.delete(client);
}

function choose() {
  const { value } = $('target');
  for (const [client, { name }] of rows) name.ariaPressed = String(client === value);
}
