#!/usr/bin/env bash
# Runs a command on a cluster with the operator of this checkout, in its image, built anew: on the cluster of `make cluster`, which is
# brought up for it and taken down again where none is up. KUBECONFIG and kubectl are there for the command.
#   with-operator.sh COMMAND...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

down() {
  say "Taking the cluster down: it was brought up for this"
  test/cluster/cluster.sh down
}

if test/cluster/cluster.sh kubeconfig >/dev/null 2>&1; then
  say "The cluster that is up is used, and stays up"
else
  say "No cluster is up: bringing one up (the first time it is built, 6 to 20 minutes)"
  trap down EXIT
  trap 'exit 130' INT TERM
  test/cluster/cluster.sh up
fi
KUBECONFIG=$(test/cluster/cluster.sh kubeconfig)
PATH=$(test/cluster/binaries.sh --print):$PATH
export KUBECONFIG PATH

scripts/image.sh
deploy/deploy.sh
"$@"
