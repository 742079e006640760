#!/usr/bin/env bash
# Compares the operator of another commit with this one on one cluster: deploys the two by turns, each with its own image
# and manifests, runs a bench of this checkout against each, and prints the ratios.
#   BEFORE=COMMIT    what to compare with (required)
#   BENCH=overload   which bench: overload or from-zero
#   ROUNDS=1         how often each is deployed
# Arguments go to the bench (overload: by default --only fairness,shares).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

case ${1-} in -h | --help) sed -n '2,7s/^# \?//p' "${BASH_SOURCE[0]}" && exit ;; esac
commit=$(git rev-parse --short --verify --quiet "${BEFORE:?BEFORE=COMMIT says what to compare with}^{commit}") ||
  fail "BEFORE=$BEFORE is no commit of this repository."
rounds=${ROUNDS:-1}
bench=${BENCH:-overload}
case $bench in overload | from-zero) ;; *) fail "BENCH=$bench is unknown: overload or from-zero." ;; esac
[ $# -gt 0 ] || [ "$bench" != overload ] || set -- --only fairness,shares
[ -f "$state/up" ] || fail "No cluster is up: run make cluster first."

other=$cache/commits/$commit
results=bench/results/beside-$commit-$bench-$(date +%Y%m%dT%H%M%S)
mkdir -p "$results"

if [ ! -f "$other/node_modules/.installed" ]; then
  say "Checking out $commit into $other"
  rm -rf "$other" && mkdir -p "$other"
  git archive "$commit" | tar -x -C "$other"
  npm --prefix "$other" install --no-save --loglevel=error >/dev/null
  touch "$other/node_modules/.installed"
fi
# Their Makefiles would take this Node for theirs.
make_in() { local dir=$1 && shift && (cd "$dir" && PATH=$dir/node_modules/.bin:$PATH IMAGE=$1 make --silent "$2"); }
make_in "$other" "localhost/copepod:$commit" image
make_in "$PWD" "localhost/copepod:beside" image

for ((round = 1; round <= rounds; round++)); do
  for each in before now; do
    case $each in before) dir=$other image=localhost/copepod:$commit ;; now) dir=$PWD image=localhost/copepod:beside ;; esac
    say "Round $round of $rounds: $each ($image)"
    make_in "$dir" "$image" deploy
    node "bench/$bench/main.ts" "$@" --json "$results/$each-$round.json"
  done
done
node bench/beside/ratios.ts "$bench" "$results"
