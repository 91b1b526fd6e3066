// For tests that look at nothing of the page: an element, or whatever else a script wants of it. It
// has every field, is called with anything, and returns itself.
export const anything = new Proxy(() => {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => '' : anything),
  set: () => true,
  apply: () => anything,
});
