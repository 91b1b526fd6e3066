// Events of the browser that concern connections: a page enters and leaves the back/forward
// cache, the device sleeps, the network is lost and comes back.

const TICK_INTERVAL = 1000; // ms
const SLEEP_TIMEOUT = 15_000; // ms without a tick after which the device must have slept
const HIDDEN_SLEEP_TIMEOUT = 90_000; // the same in a hidden page, whose timers may run once a minute

// `leave()`: a page in the back/forward cache must hold no connection. `comeBack()`: it is
// shown again. `reconnect(reason)`: a connection may be dead without an event that says so.
export function lifecycle({ leave, comeBack, reconnect }) {
  addEventListener('pagehide', leave);
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    last.time = Date.now(); // no timer runs in the cache
    comeBack();
  });
  let offline = false;
  addEventListener('offline', () => (offline = true));
  addEventListener('online', () => offline && reconnect('the network is back'));
  let last = { time: Date.now(), visible: false };
  setInterval(() => {
    const tick = { time: Date.now(), visible: !document.hidden };
    const limit = tick.visible && last.visible ? SLEEP_TIMEOUT : HIDDEN_SLEEP_TIMEOUT;
    if (tick.time - last.time > limit) reconnect('the device slept');
    last = tick;
  }, TICK_INTERVAL);
}
