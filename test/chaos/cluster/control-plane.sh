#!/usr/bin/env bash
# The API server and etcd of the cluster of `make cluster`:
#   control-plane.sh pid NAME    prints the pid of etcd or kube-apiserver, where it runs
#   control-plane.sh start       starts those that do not run, and waits until they serve
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../cluster" && pwd)
# shellcheck source-path=SCRIPTDIR/../../cluster
source "$here/lib/settings.sh"
for part in processes identities node; do source "$here/lib/$part.sh"; done

case ${1-} in
  pid) running "$2" ;;
  start)
    bin=$("$here/binaries.sh" --print)
    exec 9>"$cache/cluster.lock" # as cluster.sh: one at a time
    flock 9
    make_identities
    # An API server that finds no etcd when it starts ends after a while: then it is started again.
    for _ in $(seq 120); do
      start_control_plane
      api_ready && break
      sleep 0.5
    done
    # By themselves these two come back up to half a minute later, and until then no pod is replaced.
    for name in kube-scheduler kube-controller-manager; do stop $name 5; done
    start_controllers
    ;;
  *) fail "usage: control-plane.sh pid NAME|start" ;;
esac
