// What a browser stores for these pages. A browser may refuse to (its settings, or a full
// storage): what it refused lives as long as the page. What is stored may come from an older
// version of the page, or from anybody.
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
  // The same for values that are no text. What is not JSON counts as nothing.
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
