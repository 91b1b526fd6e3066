// The agenda: the chapters and their minutes, the present one, and how to join.
import { el, write } from '/shared/dom.js';
import { live } from '/workshop/lib/hub.js';
import { devices, invitation, join } from '/workshop/lib/join.js';
import { setup } from '/workshop/lib/setup.js';
import { TECHNIQUES, badge } from '/workshop/lib/techniques.js';

const $ = (id) => document.getElementById(id);
const all = (await setup).chapters;
const chapters = all.filter(({ minutes }) => minutes);

const items = chapters.map(({ id, title, minutes, technique }) => {
  const name = technique ? badge(technique, title) : title;
  const item = el('li', {},
    el('a', { href: `/chapter/${id}` }, name),
    el('span', { className: 'soft' }, TECHNIQUES[technique]?.idea ?? ''),
    el('span', { className: 'minutes' }, `${minutes} min`),
    el('b', { className: 'here', hidden: true }, 'current chapter'));
  return item;
});
$('chapters').append(...items);
const total = chapters.reduce((sum, { minutes }) => sum + minutes, 0);
write($('total'), `${total} minutes`);
// The chapters that are not part of the talk.
$('besides').append('Besides: ', ...all.filter(({ minutes }) => !minutes).map(({ id, title }) =>
  el('a', { href: `/chapter/${id}` }, title)), el('a', { href: '/handout' }, 'Handout'));

void invitation().then((parts) => $('invitation').append(...parts));
void join.then(({ url }) => document.body.classList.toggle('alone', !url));

live.on('room', (room) => {
  write($('devices'), devices(room.devices));
  chapters.forEach(({ id }, index) => {
    const here = room.here === `/chapter/${id}`;
    items[index].classList.toggle('now', here);
    items[index].lastChild.hidden = !here;
  });
});
