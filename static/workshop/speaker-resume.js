// What a speaker's view could not say: it was turned without a connection, or the workshop
// was started again and does not know where the room is. It is kept in the tab, because the
// new key is entered on another page.
import { tab } from '/workshop/kept.js';

const UNSAID = 'speaker-unsaid'; // kept: { from, to }, where the room was and where we are
let unsaid = tab.read(UNSAID);

// The slide to begin at, if there is one.
export const leftAt = () => unsaid?.to;

// Calls `lead(id)` when the connection is there, unless another speaker has turned meanwhile.
// What is returned is to be called after a turn that was not sent.
export function resume(live, present, lead) {
  let room; // the slide that the room was at when we last heard
  const remember = (what) => {
    unsaid = what;
    tab.save(UNSAID, what);
  };
  const keep = () => remember({ from: unsaid ? unsaid.from : room, to: present() });
  // A turn that was sent and not done is not done later.
  live.on('lost', (lost) => lost && !unsaid && room === present() && keep());
  live.on('room', ({ slide }) => {
    room = slide;
    if (!unsaid) return;
    const { from, to } = unsaid;
    remember(null);
    if (slide !== to && (!slide || slide === from)) lead(to);
  });
  return keep;
}
