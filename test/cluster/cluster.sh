#!/usr/bin/env bash
# A real Kubernetes on this machine: cluster.sh up | down | kubeconfig. README.md beside it says what it is made of.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
source "$here/lib/settings.sh"
for part in processes identities config machine node borrowed; do source "$here/lib/$part.sh"; done

# One up or down at a time. The lock is in the cache, because down removes the state.
lock() {
  mkdir -p "$cache"
  exec 9>"$cache/cluster.lock"
  flock -n 9 || { say "Another make cluster or cluster-down is at work; waiting for it"; flock 9; }
}

case ${1-} in
  up)
    [ "$(uname)" = Linux ] || [ -n "${CLUSTER-}" ] || fail "make cluster builds a node from Linux parts; here, use CLUSTER=existing or CLUSTER=kind."
    lock
    case ${CLUSTER-} in
      "" | local) node_up ;;
      existing | kind) "${CLUSTER}_up" ;;
      *) fail "CLUSTER=$CLUSTER is not known: leave it out for a one-node cluster on this machine, or use existing or kind." ;;
    esac
    ;;
  down)
    [ -d "$state" ] || { say "No cluster to take down"; exit 0; }
    lock
    case $(cat "$state/kind-of-cluster" 2>/dev/null) in
      existing) existing_down ;;
      kind) kind_down ;;
      *) node_down ;;
    esac
    rmdir --ignore-fail-on-non-empty "$(dirname "$state")" 2>/dev/null || true
    ;;
  kubeconfig)
    [ -f "$state/up" ] || fail "No cluster is up: make cluster"
    echo "$kubeconfig"
    ;;
  *) fail "usage: cluster.sh up|down|kubeconfig" ;;
esac
