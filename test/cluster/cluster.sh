#!/usr/bin/env bash
# A real Kubernetes on this machine: cluster.sh up | down | kubeconfig. See README.md in this folder.
# With COPEPOD_CLUSTER_OWNER=NAME, "down" takes down only what "up" of that name has brought up.
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

# Whose the cluster is: of the run that has brought it up, until it is asked for without an owner. Beside the lock, as "down" needs it last.
owner=$cache/cluster.owner

own() {
  if [ -z "${COPEPOD_CLUSTER_OWNER-}" ]; then
    rm -f "$owner"
  elif [ ! -d "$state" ]; then
    echo "$COPEPOD_CLUSTER_OWNER" >"$owner"
  fi
}

is_of_another() { [ -n "${COPEPOD_CLUSTER_OWNER-}" ] && [ "$(cat "$owner" 2>/dev/null)" != "$COPEPOD_CLUSTER_OWNER" ]; }

# What is left of a cluster whose processes have ended would be in the way of a run.
is_left_over() { [ -n "${COPEPOD_CLUSTER_OWNER-}" ] && [ -f "$state/up" ] && [ ! -e "$state/kind-of-cluster" ] && ! node_runs; }

case ${1-} in
  up)
    [ "$(uname)" = Linux ] || [ -n "${CLUSTER-}" ] || fail "make cluster needs Linux; on other systems use CLUSTER=existing or CLUSTER=kind."
    lock
    ! is_left_over || node_down
    own
    case ${CLUSTER-} in
      "" | local) node_up ;;
      existing | kind) "${CLUSTER}_up" ;;
      *) fail "CLUSTER=$CLUSTER is unknown: leave it out for a one-node cluster on this machine, or use existing or kind." ;;
    esac
    ;;
  down)
    [ -d "$state" ] || { say "No cluster is up: nothing to do"; exit 0; }
    lock
    ! is_of_another || { say "The cluster stays up: this run has not brought it up"; exit 0; }
    rm -f "$owner"
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
