// The windows of the presenter: each kind of page has one, and is opened there again. An attendee's
// window has no name.
const NAMES = { '': 'agenda', presenter: 'desk', 'presenter/quiz': 'quiz-desk', 'presenter/quiz/wall': 'wall' };

// The name of the window for a page. What is not the hub's is a demo. A page that has more on it for
// the presenter, as the wire has, is opened in the window that it has for all.
export function windowFor(href) {
  const { origin, pathname } = new URL(href, location.href);
  if (origin !== location.origin) return 'demo';
  const path = pathname.slice(1);
  return NAMES[path] ?? path.replace('presenter/', '').split('/')[0];
}

// Whether the presenter's pages opened this window, for the projector.
export const isPresenters = () => window.name !== '';
