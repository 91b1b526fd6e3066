// The gallery: each application as a live miniature, a card to try on it, and why its technique fits.
import { el } from '/shared/dom.js';
import { Clock } from '/shared/clock.js';
import { card } from '/workshop/lib/cards.js';
import { Evidence } from '/workshop/lib/evidence.js';
import { APPLICATIONS } from '/workshop/gallery/applications.js';
import { frame, removeFrame } from '/workshop/lib/frames.js';
import { live } from '/workshop/lib/hub.js';
import { portOf } from '/workshop/lib/setup.js';
import { badge } from '/workshop/lib/techniques.js';
import { isPresenters, windowFor } from '/workshop/lib/windows.js';

const { key } = document.documentElement.dataset; // the presenter's; the hub writes it
const presenter = location.pathname.startsWith('/presenter') ? '/presenter' : '';

const shown = new Map(); // place of a miniature → what opens and closes it
// One connection each, and only of those that can be seen.
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) shown.get(target)(isIntersecting);
}, { threshold: 0.2 });

document.getElementById('applications').append(
  ...await Promise.all(Object.entries(APPLICATIONS).map(application)));
document.getElementById(`${location.hash.slice(1)}-title`)?.scrollIntoView();

async function application([name, about]) {
  const { title, technique, served = 'gallery', path = `/${name}/`, chapter, why, cards } = about;
  const address = `${location.protocol}//${location.hostname}:${await portOf(served)}${path}`;
  const evidence = new Evidence(live, served, new Clock());
  const place = el('div', { className: 'miniature' });
  miniature(place, served, { path: key ? `${path}#key=${key}` : path, name: `${title}, live` },
    (event) => evidence.add({ ...event, application: name }));
  // The presenter keeps this window.
  const link = (href, words) => el('a', presenter || isPresenters() ? { href, target: windowFor(href) } : { href }, words);
  const item = el('section', { className: 'application', 'aria-labelledby': `${name}-title` },
    el('h2', { id: `${name}-title` }, link(key ? `${address}#key=${key}` : address, title)),
    badge(technique), place,
    el('ol', { className: 'cards' }, ...cards.map((one) => card(served, one, evidence, live))),
    el('p', {}, why),
    el('p', { className: 'links' },
      link(served === 'gallery' ? `/source/${name}` : `/source?left=sse&right=${technique}`, 'Source'),
      link(`${presenter}/wire/${served}?application=${name}`, 'Bytes'),
      link(`/chapter/${chapter ?? technique}`, 'Chapter')));
  item.dataset.technique = technique;
  return item;
}

function miniature(place, served, where, hear) {
  let opened; // a frame, or the promise of one
  shown.set(place, async (visible) => {
    if (visible && !opened) {
      opened = frame(served, hear, where);
      place.replaceChildren(await opened);
    } else if (!visible && opened) {
      const closing = opened;
      opened = undefined;
      removeFrame(await closing);
    }
  });
  observer.observe(place);
}
