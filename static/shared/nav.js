// The navigation on top of a page.
import { el } from '/shared/dom.js';

// One of these links may have `aria-current`. On a phone the list scrolls, and shows that one.
export function navigation(label, links) {
  const nav = el('nav', { 'aria-label': label },
    el('ul', {}, ...links.map((link) => el('li', {}, link))));
  const here = nav.querySelector('[aria-current]');
  const show = () => (nav.scrollLeft = here.offsetLeft - nav.clientWidth / 3);
  if (here) new ResizeObserver(show).observe(nav);
  return nav;
}
