# Two hosts of a network of their own: a server on one, curl on the other. When curl has
# its connection, its cable is pulled. Prints how many milliseconds later the server has let
# go of the connection. Run in a network namespace: unshare -rn bash unplug.sh BINARY …
set -euo pipefail
binary=$1 target=$2
shift 2
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

await() {
  for _ in $(seq 600); do
    if "$@"; then return; fi
    sleep 0.05
  done
  echo "unplug.sh: waited 30 s for: $*" >&2
  exit 1
}
own_network() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
listening() { [ -n "$(ss -Htln 'sport = :4000')" ]; }
asked() { ss -Htin state established 'sport = :4000' | grep -q bytes_received; }
gone() { [ -z "$(ss -Htn state established 'sport = :4000')" ]; }

ip link add server type veth peer name client
ip address add 10.231.0.1/24 dev server
ip link set server up
unshare -n sleep 120 &
other=$!
there=(nsenter --net --target "$other")
await own_network "$other"
ip link set client netns "$other"
"${there[@]}" ip address add 10.231.0.2/24 dev client
"${there[@]}" ip link set client up

"$binary" --host 10.231.0.1 --port 4000 --every 1h --log off >/dev/null &
await listening
if [[ $target == *NEWEST ]]; then # the cursor of the newest sample: nothing is after it
  newest=$("${there[@]}" curl -s "http://10.231.0.1:4000${target%%\?*}")
  newest=${newest#*\"id\":\"}
  target=${target/NEWEST/${newest%%\"*}}
  await gone
fi
"${there[@]}" curl -sN "$@" "http://10.231.0.1:4000$target" >/dev/null &
await asked

"${there[@]}" ip link set client down
start=$(date +%s%3N)
await gone
echo $(($(date +%s%3N) - start))
