// Does one of several things. What it throws is reported, as the browser does for its own
// listeners, and keeps nothing from the others.
export function safely(act) {
  try {
    act();
  } catch (error) {
    reportError(error);
  }
}
