// Why the hub does not answer, in words, and what helps.
import { el } from '/shared/dom.js';

export function whyLost(lost) {
  if (lost !== 'locked') return ['The workshop does not answer. Trying again …'];
  const reload = el('a', { href: location.pathname }, 'enter it');
  return ['The workshop was started again and has a new key: ', reload, '.'];
}
