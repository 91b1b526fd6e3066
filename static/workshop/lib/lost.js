// Why the connection to the hub is lost, in words, and what to do.
import { el } from '/shared/dom.js';

export function whyLost(lost) {
  if (lost !== 'locked') return ['The workshop does not answer. Trying again …'];
  const reload = el('a', { href: location.pathname }, 'enter it');
  return ['The workshop was started again and has a new key: ', reload, '.'];
}
