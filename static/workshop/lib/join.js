// "Join", always in reach: the address of the workshop as text, and as a QR code in a
// dialog, with the number of devices in the workshop.
import { el, write } from '/shared/dom.js';
import * as shared from '/shared/join.js';
import { portHere, setup } from '/workshop/lib/setup.js';

// How others come to a page of the hub, or to its first one: { url, svg }.
export const joinAt = (path) => setup.then(({ port }) => portHere(port))
  .then((port) => shared.fetchJoin(port, path)).catch(() => ({ url: null, svg: null }));
export const join = joinAt();

// The part of the address to type: browsers add the scheme.
export const letters = (url) => url.replace(/^http:\/\//, '').replace(/\/$/, '');

// The presenter's is not counted.
export const devices = (count) => (count === 1 ? '1 device is in the workshop'
  : `${count || 'No'} devices are in the workshop${count ? '' : ' yet'}`);

export const invitation = async (to = join) => shared.invitation(await to, 'cargo run -- --lan');

export function joinButton(live) {
  const address = el('b', { className: 'address' });
  const button = el('button', { className: 'quiet' }, el('span', {}, 'Join'), address);
  const count = el('p');
  const { dialog, show } = shared.joinDialog('Join the workshop');
  button.addEventListener('click', async () => show(...await invitation(), count));
  void join.then(({ url }) => url && write(address, letters(url)));
  live.on('room', (room) => write(count, devices(room.devices)));
  return [button, dialog];
}
