// What a browser keeps for these pages. Some browsers refuse that, by an exception: then it is
// kept for as long as the page. What is kept may be of an older version, or anybody's.
function kept(storage) {
  const memory = new Map();
  const get = (key) => {
    try {
      return storage().getItem(key) ?? memory.get(key) ?? null;
    } catch {
      return memory.get(key) ?? null;
    }
  };
  const set = (key, value) => {
    memory.set(key, value);
    try {
      storage().setItem(key, value);
    } catch { /* see above */ }
  };
  // The same for what is no text. What can't be read counts as nothing.
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
