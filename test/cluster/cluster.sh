#!/usr/bin/env bash
# A real Kubernetes on this machine: cluster.sh up | down | kubeconfig. See README.md in this folder.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
source "$here/lib/settings.sh"
for part in processes identities config machine node borrowed; do source "$here/lib/$part.sh"; done

# One up or down at a time. The lock is in the cache, because down removes the state directory.
lock() {
  mkdir -p "$cache"
  exec 9>"$cache/cluster.lock"
  flock -n 9 || { say "Another make cluster or cluster-down is running; waiting for it"; flock 9; }
}

case ${1-} in
  up)
    [ "$(uname)" = Linux ] || [ -n "${CLUSTER-}" ] || fail "make cluster needs Linux; on other systems use CLUSTER=existing or CLUSTER=kind."
    lock
    case ${CLUSTER-} in
      "" | local) node_up ;;
      existing | kind) "${CLUSTER}_up" ;;
      *) fail "CLUSTER=$CLUSTER is unknown: leave it out for a one-node cluster on this machine, or use existing or kind." ;;
    esac
    ;;
  down)
    [ -d "$state" ] || { say "No cluster is up: nothing to do"; exit 0; }
    lock
    case $(cat "$state/kind-of-cluster" 2>/dev/null) in
      existing) existing_down ;;
      kind) kind_down ;;
      *) node_down ;;
    esac
    rmdir --ignore-fail-on-non-empty "$(dirname "$state")" 2>/dev/null || true
    ;;
  kubeconfig)
    [ -f "$state/up" ] || fail "No cluster is up: run make cluster"
    [ -e "$state/kind-of-cluster" ] || node_runs || fail "Processes of the cluster have ended: run make cluster, which starts them again"
    echo "$kubeconfig"
    ;;
  *) fail "usage: cluster.sh up|down|kubeconfig" ;;
esac
