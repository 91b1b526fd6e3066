// The report as a table, and how old it is.
import { el, write } from '/shared/dom.js';
import { duration } from '/shared/format.js';
import { now } from '/shared/time.js';

const HOURS = [0, 3, 6, 12];
const STORE = 'weather-received'; // since when this device has the report
let received; // { modified, age, at }: of the report, in ms; `at` on this device's clock

// How old it was when it came is the difference of two stamps of the server's clock; how long
// ago that is, of two of this device's. So it does not matter how far these clocks differ.
export function show({ cities }, modified, date) {
  document.querySelector('#cities').replaceChildren(...cities.map(({ name, degrees }) =>
    el('tr', {}, el('th', { scope: 'row' }, name),
      ...HOURS.map((hour) => el('td', {}, degrees[hour].toFixed(1))))));
  received ??= stored();
  if (received?.modified !== modified) {
    received = { modified, age: Date.parse(date) - Date.parse(modified), at: now() };
    store(received);
  }
  showAge();
}

export function showAge() {
  if (received) write(document.querySelector('#age'), `This report is ${duration(received.age + now() - received.at)} old.`);
}
setInterval(showAge, 1000);

// A browser may refuse storage: then a page that is loaded anew begins to count anew.
function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORE));
  } catch {
    return null;
  }
}

function store(value) {
  try {
    localStorage.setItem(STORE, JSON.stringify(value));
  } catch {
    // as above
  }
}
