// The top of every page of the workshop: the navigation, how to join, and the notices. A page
// imports this, and gets the connection to the hub.
import { el } from '/shared/dom.js';
import { navigation } from '/shared/nav.js';
import { joinButton } from '/workshop/lib/join.js';
import { live } from '/workshop/lib/live.js';
import { notices } from '/workshop/lib/notices.js';
import { TECHNIQUES, badge } from '/workshop/lib/techniques.js';
import { windowFor } from '/workshop/lib/windows.js';

export { live };

const { pathname } = location;
const presenter = pathname.startsWith('/presenter') ? '/presenter' : '';
const { technique } = document.documentElement.dataset;

function link(href, ...name) {
  const a = el('a', { href }, ...name);
  const { pathname: path } = new URL(href, location.href);
  const inside = path.endsWith('/quiz') && pathname.startsWith(`${path}/`);
  if (path === pathname || inside) a.setAttribute('aria-current', inside ? 'true' : 'page');
  return a;
}

// From the presenter's pages to another: in its own window, so that the desk stays.
function to(href, ...name) {
  const a = link(href, ...name);
  if (!presenter || a.ariaCurrent === 'page') return a;
  return Object.assign(a, { target: windowFor(href), title: 'Opens in another window' });
}

const names = Object.keys(TECHNIQUES);
const known = technique in TECHNIQUES;
const [left] = known ? names.slice(Math.max(0, names.indexOf(technique) - 1)) : ['http-stream'];
const right = technique === left ? 'long-poll' : known ? technique : 'sse';
// The presenter's own connection, as for everybody: those of all devices open from the desk.
const wire = pathname.startsWith('/presenter/wire/') ? pathname : `/wire/${technique || 'sse'}`;
const nav = navigation('Workshop', [
  ...(presenter ? [to('/presenter', 'Desk')] : []),
  to('/', 'Agenda'),
  to('/slides', 'Slides'),
  ...names.map((name) => to(`/chapter/${name}`, badge(name))),
  to('/compare', 'Compare'),
  to(`${presenter}/gallery`, 'Gallery'),
  to(wire, 'Wire'),
  to(`/source?left=${left}&right=${right}`, 'Source'),
  to(`${presenter}/quiz`, 'Quiz')]);

document.body.prepend(
  el('header', {}, nav, el('div', { className: 'actions' }, ...joinButton(live))),
  notices(live));
