// The fragment of the address, without `#`, decoded; as it is where it can't be decoded, for an
// address may be typed by hand.
export function behindHash() {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
