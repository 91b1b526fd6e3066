// A page inside another, as in the workshop, tells the page around it what happens.
// Only a page of the same host may hear it; without one, this does nothing.
export class Parent {
  #technique = document.documentElement.dataset.technique;
  #origin; // whom to tell

  constructor() {
    if (window === parent) return;
    document.documentElement.classList.add('framed');
    if (!document.referrer) return;
    const { hostname, origin } = new URL(document.referrer);
    if (hostname === location.hostname) this.#origin = origin;
  }

  add(event) {
    if (this.#origin) parent.postMessage({ technique: this.#technique, event }, this.#origin);
  }
}
