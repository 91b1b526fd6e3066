// What the presenter has set, and a workshop that was started again does not know any more: the page
// that everyone was brought to, and whether attendees may break their connections. It is stored in the
// tab, because the new key is entered on another page.
import { tab } from '/workshop/lib/kept.js';

const KEY = 'presenter-set'; // stored: { started, here, allowed }, of the latest state

export function setAgain(live) {
  live.on('room', ({ started, here, brought, allowed }) => {
    const before = tab.read(KEY);
    tab.save(KEY, { started, here, allowed });
    if (!before || before.started === started) return;
    // Another page of the presenter's may have been faster.
    if (before.here && !brought) live.send({ here: before.here });
    if (!before.allowed && allowed) live.send({ allow: false });
  });
}
