// In a frame, as in the workshop, sends each event to the page around it, if that is of the
// same host. Elsewhere it does nothing.
export class ParentReporter {
  #technique = document.documentElement.dataset.technique;
  #origin; // of the page around this one; undefined sends nothing

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
