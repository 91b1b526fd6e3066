// The list of the applications, as the server has them.
import { el } from '/shared/dom.js';
import { TITLES } from '/shared/titles.js';
import '/presenter.js';

const response = await fetch('/applications');
document.getElementById('applications').append(...(await response.json()).map(entry));

function entry({ name, title, technique }) {
  const item = el('li', {}, el('a', { href: `/${name}/` }, title),
    el('span', { className: 'soft' }, TITLES[technique]));
  item.dataset.technique = technique;
  return item;
}
