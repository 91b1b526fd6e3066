// How other devices open this page: its address as text and as a QR code, in a dialog.
import { el } from '/shared/dom.js';

// { url, svg }, from the server; both are null when only this computer has access.
// Behind a proxy, other devices use the proxy's port. (A page without a port is a tunnel's.)
// They open the same part of it: its query, such as ?room=BCDF. `path`: another page than the first.
export async function fetchJoin(port = location.port, path = '') {
  const reached = new URLSearchParams(path && { path });
  if (location.port) {
    reached.set('scheme', location.protocol.slice(0, -1));
    reached.set('port', port);
  }
  if (location.search) reached.set('query', location.search.slice(1));
  return (await fetch(`/join?${reached}`, { cache: 'no-store' })).json();
}

// The QR code and the address; or, if only this computer has access, the command for others.
export function invitation({ url, svg }, command) {
  if (!url) {
    return [el('p', {}, 'Only this computer can open this page. For other devices, restart the server with ', el('code', {}, command), '.')];
  }
  const src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  const address = url.replace(/\/$/, '');
  return [el('img', { alt: `QR code of ${url}`, src }), el('p', { className: 'address' }, address)];
}

// A dialog that a click beside it closes, too. `show` opens it with these parts.
export function joinDialog(label) {
  const body = el('div', { className: 'join' });
  const close = el('button', {}, 'Close');
  const dialog = el('dialog', { 'aria-label': label }, body, close);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  const show = (...parts) => {
    body.replaceChildren(...parts);
    if (!dialog.open) dialog.showModal();
  };
  return { dialog, show };
}

// A button of these words, which opens such a dialog for this page, of the program `technique`.
export function joinButton(words, technique) {
  const { dialog, show } = joinDialog('Open this page on a phone');
  const button = el('button', { className: 'quiet', type: 'button' }, words);
  button.addEventListener('click', async () => {
    show(el('p', {}, 'Asking the server for its address …'));
    try {
      show(...invitation(await fetchJoin(), `cargo run -p ${technique} -- --lan`));
    } catch {
      show(el('p', {}, 'The server does not respond. Check that it is running, and press the button again.'));
    }
  });
  return [button, dialog];
}
