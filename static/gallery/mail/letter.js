// Writes a letter: an ordinary request beside the one that waits.
import { json, sendOnce } from '/form.js';
import { el } from '/shared/dom.js';

const form = document.querySelector('#letter');
const { to, text } = form.elements;
let from = ''; // the open inbox

// From now on, letters are from `name`.
export function writeAs(name) {
  from = name;
}

sendOnce(form, (key) => fetch('/mail/letters',
  json('POST', { key, from, to: to.value.trim(), text: text.value })));

// Names to choose from.
to.addEventListener('focus', async () => {
  const names = await fetch('/mail/inboxes').then((response) => response.json(), () => []);
  document.querySelector('#names').replaceChildren(
    ...names.map((name) => el('option', { value: name })));
});
