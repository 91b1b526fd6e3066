// A technique as it is often shown: the text comes from the server; this script adds the links.
import { el, write } from '/shared/dom.js';
import '/workshop/lib/hub.js';
import { badge, title } from '/workshop/lib/techniques.js';

const { technique, file } = document.documentElement.dataset;
const name = `${title(technique)}, as often shown`;
const $ = (id) => document.getElementById(id);

document.title = `${name} · ${document.title.split(' · ')[1]}`;
document.querySelector('h1').append(badge(technique, name));
$('why').setAttribute('href', `/chapter/${technique}#as-often-shown`);
write($('run'), `cargo run -p ${technique} --example ${technique}-as-often-shown`);

const ours = new URL(document.querySelector('nav a[href^="/source"]').href);
ours.searchParams.set('file', file.endsWith('.rs') ? 'server' : 'client');
for (const [href, words] of [
  ['as_often_shown.html', 'The page'], ['as_often_shown.rs', 'Its server'], [ours.href, 'Ours']]) {
  const link = el('a', { href }, words);
  if (href === file) link.setAttribute('aria-current', 'page');
  $('files').append(el('li', {}, link));
}
