// The terminal's address has the key behind `#`: one click is enough. A browser sends that part
// to nobody, and here it leaves the address, which everybody in the room may see.
const key = decodeURIComponent(location.hash.slice(1));
if (key) {
  history.replaceState(null, '', location.pathname);
  const input = /** @type {HTMLInputElement} */ (document.getElementById('key'));
  input.value = key;
  input.form.requestSubmit();
}
