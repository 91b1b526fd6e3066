// The agenda: the chapters and their minutes, the present one, and how to join.
import { el, write } from '/shared/dom.js';
import { live } from '/workshop/lib/hub.js';
import { devices, invitation, join } from '/workshop/lib/join.js';
import { setup } from '/workshop/lib/setup.js';
import { TECHNIQUES, badge } from '/workshop/lib/techniques.js';

const $ = (id) => document.getElementById(id);
const all = (await setup).chapters;
const chapters = all.filter(({ minutes }) => minutes);

const MINUTES = { short: 'short_minutes', long: 'minutes', day: 'day_minutes' }; // by the talk's length

const items = chapters.map(({ id, title, technique }) => {
  const name = technique ? badge(technique, title) : title;
  const item = el('li', {},
    el('a', { href: `/chapter/${id}` }, name),
    el('span', { className: 'soft' }, TECHNIQUES[technique]?.idea ?? ''),
    el('span', { className: 'minutes' }),
    el('b', { className: 'here', hidden: true }, 'current chapter'));
  return item;
});
$('chapters').append(...items);
showMinutes(MINUTES.long);
// The chapters that are not part of the talk.
$('besides').append('Besides: ', ...all.filter(({ minutes }) => !minutes).map(({ id, title }) =>
  el('a', { href: `/chapter/${id}` }, title)), el('a', { href: '/handout' }, 'Handout'));

void invitation().then((parts) => $('invitation').append(...parts));
void join.then(({ url }) => document.body.classList.toggle('alone', !url));

// Of the talk that the speaker has chosen. A chapter that it leaves out can be read all the same.
function showMinutes(field) {
  chapters.forEach((chapter, index) => write(items[index].querySelector('.minutes'),
    chapter[field] ? `${chapter[field]} min` : 'left out'));
  const total = chapters.reduce((sum, chapter) => sum + (chapter[field] ?? 0), 0);
  write($('total'), `${total} minutes`);
}

live.on('room', (room) => {
  showMinutes(MINUTES[room.path] ?? MINUTES.long);
  write($('devices'), devices(room.devices));
  chapters.forEach(({ id }, index) => {
    const here = room.here === `/chapter/${id}`;
    items[index].classList.toggle('now', here);
    items[index].lastChild.hidden = !here;
  });
});
