#!/usr/bin/env bash
# A first look: applies examples/01-two-nodes, pings from one guest to the other over the link, destroys. State and
# sockets are kept in a temporary folder, so that nothing is left behind, however this ends.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/install.sh

step() { printf '\ndemo: %s\n' "$*"; }
labform() { node dist/labform.js -chdir=examples/01-two-nodes "$@"; }

clean_up() {
  local code=$?
  trap - EXIT
  if [ "$code" != 0 ]; then
    step "failed; what the guests' consoles last showed:"
    find "$work" -name console.log -exec tail -n 5 {} +
  fi
  step "labform destroy"
  if ! labform destroy -auto-approve; then
    step "FAILED; state and logs are kept in $work"
    exit 1
  fi
  # Whatever labform starts has a path of this folder among its arguments.
  if grep -lsF "$work" /proc/[0-9]*/cmdline; then
    step "FAILED: the processes above are still running"
    exit 1
  fi
  rm -rf "$work"
  if [ "$code" = 0 ]; then step "done: two nodes, one link, 3 of 3 pings, nothing left"; else step "FAILED"; fi
  exit "$code"
}

step "building labform and the guest"
node scripts/build.mjs
node scripts/guest.mjs

work=$(mktemp -d)
export LABFORM_DATA_DIR="$work/data" XDG_STATE_HOME="$work/state"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step "labform apply"
labform apply -auto-approve

step "labform console r1, and in it: ping -c 3 10.0.0.2"
coproc CONSOLE { labform console 'node.router["r1"]'; }
# Of its own: bash forgets the coprocess's descriptors when that ends.
exec {keys}>&"${CONSOLE[1]}" {screen}<&"${CONSOLE[0]}"
printf 'ping -c 3 10.0.0.2\n' >&"$keys"
received=
while IFS= read -r -t 30 line <&"$screen"; do
  line=${line%$'\r'}
  printf '  %s\n' "$line"
  if [[ $line == *"packets transmitted"* ]]; then
    received=$line
    break
  fi
done
exec {keys}>&- {screen}<&-
if [[ $received != "3 packets transmitted, 3 packets received"* ]]; then
  step "the pings did not come through: ${received:-no answer from the console}"
  exit 1
fi
