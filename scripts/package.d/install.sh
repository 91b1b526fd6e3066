#!/bin/sh
# Puts the Realtime Workshop into a folder of the current one: fetches the archive for this system,
# compares its checksum, unpacks it. Nothing else is changed, and nothing needs root.
set -eu

case "$(uname -s) $(uname -m)" in
  "Linux x86_64") target=x86_64-unknown-linux-musl ;;
  "Linux aarch64") target=aarch64-unknown-linux-musl ;;
  "Darwin arm64") target=aarch64-apple-darwin ;;
  "Darwin x86_64") target=x86_64-apple-darwin ;;
  *)
    echo "there is no archive for $(uname -s) $(uname -m): build it from the sources" >&2
    exit 1
    ;;
esac
name=realtime-workshop-@VERSION@-$target
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for file in "$name.tar.xz" "$name.tar.xz.sha256"; do
  curl --fail --silent --show-error --location --output "$folder/$file" "@DOWNLOADS@/$file"
done
sum=sha256sum
command -v $sum >/dev/null || sum="shasum -a 256"
(cd "$folder" && $sum -c "$name.tar.xz.sha256")
tar -xJf "$folder/$name.tar.xz"
echo "now: cd $name && ./workshop"
