// What stands behind `#` in the address, decoded; as it is where it can't be: anybody may write
// an address.
export function behindHash() {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
