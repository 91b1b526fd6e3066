// What the presenter has set, and a workshop that was started again does not know any more: the page
// that everyone was brought to, and whether attendees may break their connections. It is stored in the
// tab, because the new key is entered on another page.
import { tab } from '/workshop/lib/kept.js';

const KEY = 'presenter-set'; // stored: { started, here, brought, allowed }, of the latest state

export function setAgain(live) {
  live.on('room', ({ started, here, brought, allowed }) => {
    const before = tab.read(KEY);
    tab.save(KEY, { started, here, brought, allowed });
    if (!before || before.started === started) return;
    if (before.here) live.send({ here_again: { page: before.here, brought: before.brought } });
    if (!before.allowed && allowed) live.send({ allow: false });
  });
}
