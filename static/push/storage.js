// What this browser stores for when the page is closed. Where storage is refused, it begins anew.
const name = (key) => `push ${key}`;

export const stored = {
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
