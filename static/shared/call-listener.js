// Calls one of several listeners. An error that it throws is reported as uncaught, as the
// browser does for its own listeners, and the others still run.
export function callListener(listener) {
  try {
    listener();
  } catch (error) {
    reportError(error);
  }
}
