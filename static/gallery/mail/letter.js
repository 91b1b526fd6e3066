// Writes a letter: an ordinary request beside the one that waits.
import { el, write } from '/shared/dom.js';

const form = document.querySelector('#letter');
const { to, text } = form.elements;
const output = form.querySelector('output');
let key = draw(); // of the letter in the field: sent again, it is still the same one
let from = ''; // the open inbox

// From now on, letters are from `name`.
export function writeAs(name) {
  from = name;
}

// Edited, it is another letter.
text.addEventListener('input', () => (key = draw()));

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const letter = { key, from, to: to.value.trim(), text: text.value };
  const headers = { 'Content-Type': 'application/json' };
  try {
    const response = await fetch('/mail/letters',
      { method: 'POST', headers, body: JSON.stringify(letter) });
    if (!response.ok) return write(output, `Not sent: ${await response.text()}`);
    write(output, 'Sent.');
    if (letter.key !== key) return; // edited meanwhile
    text.value = '';
    key = draw();
  } catch {
    write(output, 'No answer: it may be sent or not. Press again, it arrives once.');
  }
});

// Names to choose from.
to.addEventListener('focus', async () => {
  const names = await fetch('/mail/inboxes').then((response) => response.json(), () => []);
  document.querySelector('#names').replaceChildren(
    ...names.map((name) => el('option', { value: name })));
});

// Random, also where the page is no secure context.
function draw() {
  return crypto.getRandomValues(new Uint32Array(3)).join('-');
}
