#!/usr/bin/env bash
# Runs keda.test.ts on a cluster, as test/e2e/e2e.sh runs the other tests; removes KEDA on every exit.
#   e2e.sh [ARGUMENTS OF JEST]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

down() {
  # A cluster that was brought up for this run is down by now.
  KUBECONFIG=$(test/cluster/cluster.sh kubeconfig 2>/dev/null) || return 0
  KUBECONFIG=$KUBECONFIG PATH=$(test/cluster/binaries.sh --print):$PATH test/keda/keda.sh down
}

test/keda/keda.sh build
trap down EXIT
trap 'exit 130' INT TERM
test/e2e/e2e.sh --testMatch "$PWD/test/keda/**/*.test.ts" "$@"
