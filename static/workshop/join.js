// "Join", always in reach: the address of the workshop in letters, and as a QR code in a
// dialog, with the number of devices that are here.
import { el, write } from '/shared/dom.js';

export const join = fetch('/join', { cache: 'no-store' })
  .then((response) => response.json())
  .catch(() => ({ url: null, svg: null }));

// What people type: browsers add the scheme.
export const letters = (url) => url.replace(/^http:\/\//, '').replace(/\/$/, '');

export const devices = (count) => (count === 1 ? '1 device is here' : `${count} devices are here`);

// The QR code and the address; for this computer alone, how to let the room in.
export async function invitation() {
  const { url, svg } = await join;
  if (!url) {
    return [el('p', {}, 'Only this computer can take part. For the room, start it with ', el('code', {}, 'cargo run -- --lan'), '.')];
  }
  const src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  const address = url.replace(/\/$/, '');
  return [el('img', { alt: `QR code of ${url}`, src }), el('p', { className: 'address' }, address)];
}

export function joinButton(live) {
  const address = el('b', { className: 'address' });
  const button = el('button', { className: 'quiet' }, el('span', {}, 'Join'), address);
  const count = el('p');
  const body = el('div', { className: 'join' });
  const close = el('button', {}, 'Close');
  const dialog = el('dialog', { 'aria-label': 'Join the workshop' }, body, close);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  button.addEventListener('click', () => dialog.showModal());
  void join.then(({ url }) => url && write(address, letters(url)));
  void invitation().then((parts) => body.replaceChildren(...parts, count));
  live.on('room', (room) => write(count, devices(room.devices)));
  return [button, dialog];
}
