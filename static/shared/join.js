// How others get to this page: its address in letters and as a QR code, in a dialog.
import { el } from '/shared/dom.js';

// { url, svg }, from the server; both are null when it answers only this computer. Behind a
// proxy it is the proxy's port to which others come. (A page without a port is a tunnel's.)
export async function fetchJoin(port = location.port) {
  const scheme = location.protocol.slice(0, -1);
  const reached = location.port ? `?scheme=${scheme}&port=${port}` : '';
  return (await fetch(`/join${reached}`, { cache: 'no-store' })).json();
}

// The QR code and the address; for this computer alone, the command that lets the room in.
export function invitation({ url, svg }, command) {
  if (!url) {
    return [el('p', {}, 'Only this computer can take part. For the room, start it with ', el('code', {}, command), '.')];
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
