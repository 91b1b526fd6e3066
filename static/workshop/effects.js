// What an effect of the lens does, as the end of a sentence: "The presenter …".
import { TECHNIQUES } from '/workshop/techniques.js';

const DOES = {
  delay: (what, { ms, jitter }) =>
    `holds ${what} back by ${ms} ms${jitter ? ` ± ${jitter} ms` : ''}`,
  throttle: (what, { bytes_per_second: rate }) => `lets ${rate} bytes a second of ${what} through`,
  stall: (what) => `lets nothing of ${what} through, without a word`,
  cut: (what) => `cuts ${what}`,
  refuse: (what) => `refuses new connections to ${what}`,
  slice: (what) => `lets ${what} through in pieces of 7 bytes`,
  buffer: (what) => `collects ${what} and lets it through in lumps`,
  idle_kill: (what, { seconds }) => `ends connections of ${what} that are quiet for ${seconds} s`,
};

export function does(effect) {
  const what = effect.technique ? TECHNIQUES[effect.technique].short : 'everything';
  return DOES[effect.effect]?.(what, effect) ?? `does “${effect.effect}” to ${what}`;
}
