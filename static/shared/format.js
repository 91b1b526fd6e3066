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

// The same text, in which no line ends between a number and its unit.
export const unbroken = (text) =>
  text.replace(/(?<=\d) (?=(?:%|B|bytes|kB|MB|min|minutes|ms|s)(?![a-z]))/g, '\u00a0');

// A duration in tenths of a second: 1.0 s. Its width is stable while it counts.
export const seconds = (ms) => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;

// In whole seconds, for a countdown: 12 s.
export const wholeSeconds = (ms) => `${Math.max(0, Math.round(ms / 1000))} s`;

// A duration, where most are short: 5 ms, 1.2 s.
export const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : seconds(ms));

// A latency: <1 ms, 50 ms, 1.20 s, 10.0 s; undefined while it is unknown.
export function latency(ms) {
  if (ms === undefined) return '–';
  if (ms < 1) return '<1 ms';
  return ms < 1000 || ms >= 9950 ? duration(ms) : `${(ms / 1000).toFixed(2)} s`;
}

// A time of the day (Unix milliseconds): 12:01:03
export const timeToTheSecond = (ms) => new Date(ms).toLocaleTimeString('en-GB');

// In whole minutes; with the day, if it is not today: 12:01, 26 Nov, 12:01
export function dayAndTime(ms, today = new Date()) {
  const date = new Date(ms);
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (date.toDateString() === today.toDateString()) return time;
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${time}`;
}

// The same to the tenth of a second: 12:01:03.2
export const timeOfDay = (ms) => `${timeToTheSecond(ms)}.${Math.floor((ms % 1000) / 100)}`;

// A round trip, whose tenths of a millisecond matter: 0.4 ms
export const roundTrip = (ms) => `${ms.toFixed(1)} ms`;

// A clock that counts up, in minutes and seconds: 5:07
export function clockTime(ms) {
  const total = Math.floor(ms / 1000);
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, '0')}`;
}
