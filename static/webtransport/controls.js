// The choice of how samples come: the page is loaded anew for another.
import { lane } from '/session.js';

const choice = document.querySelector('#lane');
choice.value = lane;
choice.addEventListener('change', () => {
  const query = new URLSearchParams(location.search);
  query.set('lane', choice.value);
  location.search = String(query);
});
