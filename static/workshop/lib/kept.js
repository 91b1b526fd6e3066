// What the browser stores for these pages. It may refuse to (its settings, or a full storage): then
// a value lives as long as the page. A stored value may come from an older version of the page, or
// be edited by hand.
function kept(storage) {
  const refused = new Map(); // newer than what is stored under the same key
  const get = (key) => {
    if (refused.has(key)) return refused.get(key);
    try {
      return storage().getItem(key);
    } catch {
      return null;
    }
  };
  const set = (key, value) => {
    try {
      storage().setItem(key, value);
      refused.delete(key);
    } catch {
      refused.set(key, value);
    }
  };
  // The same for values other than text. A value that is not JSON reads as null.
  const read = (key) => {
    try {
      return JSON.parse(get(key));
    } catch {
      return null;
    }
  };
  return { get, set, read, save: (key, value) => set(key, JSON.stringify(value)) };
}

export const browser = kept(() => localStorage); // in all tabs, also tomorrow
export const tab = kept(() => sessionStorage); // in this tab
