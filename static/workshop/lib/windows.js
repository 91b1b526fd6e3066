// The windows of the presenter: each kind of page has one, and is opened there again. An attendee's
// window has no name.
const NAMES = { '': 'agenda', presenter: 'desk', 'presenter/speaker': 'speaker', 'presenter/quiz/wall': 'wall' };

// The name of the window for a page. What is not the hub's is a demo.
export function windowFor(href) {
  const { origin, pathname } = new URL(href, location.href);
  if (origin !== location.origin) return 'demo';
  const path = pathname.slice(1);
  const parts = path.split('/');
  return NAMES[path] ?? parts.slice(0, parts[0] === 'presenter' ? 2 : 1).join('-');
}

// Whether the presenter's pages opened this window, for the projector.
export const isPresenters = () => window.name !== '';
