// The terminal's address has the key behind `#`: one click is enough. A browser never sends that
// part, and here it is removed from the address bar, which the whole room may see. A browser may
// keep it in its history: the workshop has a new key after each start.
import { behindHash } from '/workshop/lib/hash.js';

function enter() {
  const key = behindHash();
  if (!key) return;
  history.replaceState(null, '', location.pathname);
  const input = /** @type {HTMLInputElement} */ (document.getElementById('key'));
  input.value = key;
  input.form.requestSubmit();
}
enter();
// Opened once more in this tab, the terminal's address loads no page.
addEventListener('hashchange', enter);
