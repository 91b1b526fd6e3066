// What this browser keeps when the page is closed. Where storage is refused, nothing is kept.
const name = (key) => `push ${key}`;

export const kept = {
  get(key) {
    try {
      return localStorage.getItem(name(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(name(key), value);
    } catch {
      // Then the page begins anew the next time.
    }
  },
};
