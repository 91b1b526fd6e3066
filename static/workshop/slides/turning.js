// The keys and the swipes that turn slides: `turn` gets next, previous, down, up, first or last.
const KEYS = {
  ArrowRight: 'next', PageDown: 'next', ' ': 'next', ArrowLeft: 'previous', PageUp: 'previous',
  ArrowDown: 'down', ArrowUp: 'up', Home: 'first', End: 'last',
};
const SWIPE_LIMIT = 50; // px sideways; less is no swipe

export function turning(turn, others = {}) {
  addEventListener('keydown', (event) => {
    const { key, target, altKey, ctrlKey, metaKey, shiftKey } = event;
    if (altKey || ctrlKey || metaKey || target.closest('select, dialog')) return;
    if (key === ' ' && target.closest('a, button')) return;
    const where = key === ' ' && shiftKey ? 'previous' : KEYS[key];
    if (!where && !others[key]) return;
    event.preventDefault();
    if (where) turn(where);
    else others[key]();
  });
  // A button that was clicked keeps no focus: the next Space turns slides, and does not press it again.
  addEventListener('click', ({ detail, target }) => {
    if (detail > 0 && !target.closest('dialog')) target.closest('button')?.blur();
  });
}

export function swiping(element, turn) {
  let start;
  element.addEventListener('touchstart', ({ touches, target }) => {
    // Not where a finger scrolls sideways, nor with two fingers.
    const wide = target.closest('pre, table');
    const scrolls = wide && wide.scrollWidth > wide.clientWidth;
    start = touches.length === 1 && !scrolls ? touches[0] : undefined;
  }, { passive: true });
  element.addEventListener('touchend', ({ changedTouches: [end] }) => {
    if (!start) return;
    const [x, y] = [end.clientX - start.clientX, end.clientY - start.clientY];
    if (Math.abs(x) > SWIPE_LIMIT && Math.abs(x) > 2 * Math.abs(y)) turn(x < 0 ? 'next' : 'previous');
  });
}
