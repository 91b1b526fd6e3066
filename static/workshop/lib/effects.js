// The effects of the lens, each as the end of a sentence: "The presenter …".
import { formatBytes } from '/shared/format.js';
import { TECHNIQUES, title } from '/workshop/lib/techniques.js';

const ALL = Object.keys(TECHNIQUES);
const STREAMS = ['http-stream', 'sse'];

// As its button says.
export const effectName = (effect) => (effect === 'idle_kill' ? 'idle time-out' : effect);

const DOES = {
  delay: (what, { ms, jitter }) =>
    `delays all bytes of ${what} by ${ms} ms${jitter ? ` ± ${jitter} ms` : ''}`,
  throttle: (what, { bytes_per_second: rate }) => `limits ${what} to ${formatBytes(rate)} a second`,
  stall: (what) => `stalls ${what}, without an error`,
  cut: (what) => `cuts ${what}`,
  refuse: (what) => `refuses new connections to ${what}`,
  slice: (what) => `delivers ${what} in pieces of 7 bytes`,
  buffer: (what, effect, names) => {
    if (names.length === ALL.length) return 'delivers streams in batches';
    const streams = names.some((name) => STREAMS.includes(name));
    const none = names.includes('websocket') ? 'WebSocket' : 'short responses';
    return streams ? `delivers ${what} in batches` : `collects ${what} (no effect on ${none})`;
  },
  idle_kill: (what, { seconds }) => `ends connections of ${what} that are quiet for ${seconds} s`,
};

// One clause for each effect, whatever the number of techniques that it is on.
export function does(effects) {
  const alike = Map.groupBy(effects, ({ technique, left, ...rest }) => JSON.stringify(rest));
  return [...alike.values()].map(clause).join('; ');
}

function clause(effects) {
  const [effect] = effects;
  const all = effects.some(({ technique }) => !technique);
  const names = ALL.filter((name) => all || effects.some(({ technique }) => technique === name));
  const gallery = effects.some(({ technique }) => technique === 'gallery') ? ['the gallery'] : [];
  const what = names.length === ALL.length ? 'all five techniques' : [...names.map(title), ...gallery].join(', ');
  const whose = effect.client && !effect.you ? ` (${effect.client})` : '';
  return (DOES[effect.effect]?.(what, effect, names) ?? `does “${effect.effect}” to ${what}`) + whose;
}
