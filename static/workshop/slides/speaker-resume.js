// The slide that a speaker's view could not report: it was turned without a connection, or the
// workshop was started again and does not know where the room is. It is stored in the tab,
// because the new key is entered on another page.
import { tab } from '/workshop/lib/kept.js';

const KEY = 'speaker-unsaid'; // stored: { from, to }, the room's slide and this view's
let unsaid = tab.read(KEY);

// The slide to begin at, if there is one.
export const leftAt = () => unsaid?.to;

// Calls `turnTo(id)` when the connection is back, unless another speaker has turned meanwhile.
// Returns a function to call after a turn that was not sent.
export function resume(live, present, turnTo) {
  let room; // the slide that the room was at, by the latest news
  const remember = (what) => {
    unsaid = what;
    tab.save(KEY, what);
  };
  const keep = () => remember({ from: unsaid ? unsaid.from : room, to: present() });
  // A turn that was sent and not done is not done later.
  live.on('lost', (lost) => lost && !unsaid && room === present() && keep());
  live.on('room', ({ slide }) => {
    room = slide;
    if (!unsaid) return;
    const { from, to } = unsaid;
    remember(null);
    if (slide !== to && (!slide || slide === from)) turnTo(to);
  });
  return keep;
}
