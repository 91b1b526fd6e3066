// Where a page of the workshop shows what an explanation tells.
import { el, write } from '/shared/dom.js';
import { pageName } from '/workshop/lib/page-name.js';
import { windowFor } from '/workshop/lib/windows.js';

// The explanation, and the link to its page; `beside` opens that in another window, so that this
// one stays.
export const explained = ({ explanation, page }, beside = false) =>
  [explanation, ' Shown at: ', link(page, beside)];

export function link(page, beside = false) {
  const a = el('a', { href: page });
  if (beside) Object.assign(a, { target: windowFor(page), title: 'Opens in another window' });
  void pageName(page).then((name) => write(a, name));
  return a;
}
