#!/usr/bin/env bash
# Runs a command on a cluster with the operator of this checkout in a freshly built image. Uses the running cluster, or
# brings one up for the command and takes it down afterwards. Sets KUBECONFIG and puts kubectl into the PATH.
#   with-operator.sh COMMAND...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

# Another run may bring up a cluster while this one waits to do so: that is not this one's to take down.
run=$$-$(date +%s)
own_cluster() { COPEPOD_CLUSTER_OWNER=$run test/cluster/cluster.sh "$1"; }
down() {
  say "Taking down what was brought up for this run"
  own_cluster down
}

if test/cluster/cluster.sh kubeconfig >/dev/null 2>&1; then
  say "Using the running cluster, which stays up"
else
  say "No cluster is up: bringing one up (the first time, building it takes 6 to 20 minutes)"
  trap down EXIT
  trap 'exit 130' INT TERM
  own_cluster up
fi
KUBECONFIG=$(test/cluster/cluster.sh kubeconfig)
PATH=$(test/cluster/binaries.sh --print):$PATH
export KUBECONFIG PATH

scripts/image.sh
deploy/deploy.sh
"$@"
