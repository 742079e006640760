#!/usr/bin/env bash
# The API server and etcd of the cluster of `make cluster`:
#   control-plane.sh pid NAME    prints the pid of etcd or kube-apiserver, if it is running
#   control-plane.sh start       starts those that are down, and waits until they serve
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../cluster" && pwd)
# shellcheck source-path=SCRIPTDIR/../../cluster
source "$here/lib/settings.sh"
for part in processes identities node; do source "$here/lib/$part.sh"; done

case ${1-} in
  pid) running "$2" ;;
  start)
    bin=$("$here/binaries.sh" --print)
    exec 9>"$cache/cluster.lock" # the lock of cluster.sh
    flock 9
    make_identities
    # An API server that starts without etcd exits after a while and is started again.
    for _ in $(seq 120); do
      start_control_plane
      api_ready && break
      sleep 0.5
    done
    # Left alone, these two take up to half a minute to recover, and no pod is replaced until then.
    for name in kube-scheduler kube-controller-manager; do stop $name 5; done
    start_controllers
    ;;
  *) fail "usage: control-plane.sh pid NAME|start" ;;
esac
