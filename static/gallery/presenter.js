// The presenter's key: typed once in a tab, or given behind # by the terminal's address. A wrong
// one is not kept, and takes the place of none.
import { el } from '/shared/dom.js';

const given = new URLSearchParams(location.hash.slice(1)).get('key');
if (given) {
  history.replaceState(null, '', location.pathname + location.search);
  if (!await act('GET', '/presenter', undefined, given)) keep(given);
}

// Adds buttons for the presenter below the page: [label, method, path, body], such as
// ['Clear the wall', 'DELETE', '/news/headlines'].
export function presenterControls(...actions) {
  const answer = el('output');
  const key = el('input', { className: 'key', autocomplete: 'off', value: stored() });
  const buttons = actions.map(([label, method, path, body]) => {
    const button = el('button', { type: 'button' }, label);
    button.addEventListener('click', async () => {
      const typed = key.value.trim();
      const wrong = await act(method, path, body, typed);
      if (!wrong) keep(typed);
      answer.value = wrong || 'Done.';
    });
    return button;
  });
  const controls = el('details', { className: 'presenter', open: Boolean(stored()) },
    el('summary', {}, 'For the presenter'), el('label', {}, 'Key ', key), ...buttons, answer);
  if (window === parent) document.querySelector('main').append(controls);
}

// A request of the presenter's. Resolves to what was wrong, or nothing.
export async function act(method, path, body, key = stored()) {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
  try {
    const response = await fetch(path, { method, headers, body: JSON.stringify(body) });
    return response.ok ? '' : await response.text();
  } catch {
    return 'The server does not respond.';
  }
}

export const isPresenter = () => Boolean(stored());

function keep(key) {
  sessionStorage.setItem('presenter-key', key);
}

function stored() {
  return sessionStorage.getItem('presenter-key') ?? '';
}
