// The weather beside the samples: a line is a city and its degrees, "BERLIN 7.4".
import { write } from '/shared/dom.js';

export function showWeather(line) {
  const [city, degrees] = line.split(' ');
  const place = document.getElementById(city);
  if (place) write(place, degrees); // a city that this page has no room for
}
