// How numbers, sizes and times are written, on all pages.

// A thin space between thousands: 12 345. A comma or a point would be a decimal one somewhere.
export const formatNumber = (number) => number.toLocaleString('en-GB').replaceAll(',', '\u2009');

export const formatBytes = (number) => (number === 1 ? '1 byte' : `${formatNumber(number)} bytes`);

// A share in percent; one between 0 and 1 % is shown as "<1 %", not as 0.
export function percent(part, whole) {
  if (!whole) return '–';
  const share = (100 * part) / whole;
  return share > 0 && share < 1 ? '<1 %' : `${Math.round(share)} %`;
}

// A duration as people say it; of a stable width, for one that is counted.
export const seconds = (ms) => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;

// The same where most are short: 5 ms, 1.2 s.
export const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : seconds(ms));

// A latency: <1 ms, 50 ms, 1.20 s, 10.0 s; undefined while it is unknown.
export function latency(ms) {
  if (ms === undefined) return '–';
  if (ms < 1) return '<1 ms';
  return ms < 1000 || ms >= 9950 ? duration(ms) : `${(ms / 1000).toFixed(2)} s`;
}

// A time of the day (Unix milliseconds), to the tenth of a second: 12:01:03.2
export function timeOfDay(ms) {
  return `${new Date(ms).toLocaleTimeString('en-GB')}.${Math.floor((ms % 1000) / 100)}`;
}
