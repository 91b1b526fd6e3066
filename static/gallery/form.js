// What pages send as JSON, and a form whose text is sent once, however often it is submitted.
import { write } from '/shared/dom.js';

// For fetch().
export const json = (method, content) => ({ method,
  headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(content) });

// Random, also where the page is no secure context.
export const drawKey = () => crypto.getRandomValues(new Uint32Array(3)).join('-');

// Calls `send(key)`, which returns the response, when the form is submitted. A text that is sent
// again, because its answer was lost, has the same key; one that was edited has another.
export function sendOnce(form, send) {
  const { text } = form.elements;
  const output = form.querySelector('output');
  let key = drawKey();
  text.addEventListener('input', () => (key = drawKey()));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const sent = key;
    try {
      const response = await send(sent);
      if (!response.ok) return write(output, `Not sent: ${await response.text()}`);
      write(output, 'Sent.');
      if (sent !== key) return; // edited meanwhile
      text.value = '';
      key = drawKey();
    } catch {
      write(output, 'No answer: it may be sent or not. Press again, it arrives once.');
    }
  });
}
