// What the browser does to a page, as far as its connections must know: it is put into the
// back/forward cache and taken out again, the device sleeps, the network goes and comes.

const TICK = 1000; // ms between two looks at the clock
const SLEPT = 15_000; // ms without a tick: the device was asleep
const THROTTLED = 90_000; // the same in a hidden page, which browsers may tick once a minute

// `leave()`: a page in the back/forward cache must hold no connection. `comeBack()`: it is
// shown again. `reconnect(why)`: a connection may be dead without anybody having said so.
export function lifecycle({ leave, comeBack, reconnect }) {
  addEventListener('pagehide', leave);
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    last.time = Date.now(); // a page does not tick in there
    comeBack();
  });
  let offline = false;
  addEventListener('offline', () => (offline = true));
  addEventListener('online', () => offline && reconnect('the network is back'));
  let last = { time: Date.now(), visible: false };
  setInterval(() => {
    const tick = { time: Date.now(), visible: !document.hidden };
    const limit = tick.visible && last.visible ? SLEPT : THROTTLED;
    if (tick.time - last.time > limit) reconnect('the device slept');
    last = tick;
  }, TICK);
}
