// What observers share: tests for an event, and values read from several.
export const is = (type, more = (_event) => true) => (event) => event.type === type && more(event);
export const begins = (effect) => is('on', (event) => event.effect === effect);
const ends = (effect) => is('off', (event) => event.effect === effect);
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// An observer of one effect. What it saw counts only if no other effect was on meanwhile: it might
// have been the other one's doing.
export const whileOn = (effect, observe) => async (seen, say) => {
  const on = await seen.next(begins(effect));
  const result = await observe(seen, say, on);
  if (!result || !seen.disturbed(effect, on.time)) return result;
  return { why: 'Another effect was on at the same time. Try it again.' };
};

export const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
export const cursor = (url) => url.split('after=')[1];

// Waits for the first such event while the idle time-out is on. Returns it, or why there was none.
export async function whileIdle(seen, say, { time, seconds }, like) {
  const over = (event) => like(event) || ends('idle_kill')(event);
  const why = `Something came at least every ${seconds} s: slow the feed, or let the presenter `
    + 'pause it.';
  let found = await seen.next(over, { after: time, within: 10_000 });
  if (!found) say(why);
  found ??= await seen.next(over, { after: time });
  return found.type === 'off' ? { why } : found;
}
