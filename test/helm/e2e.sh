#!/usr/bin/env bash
# Runs chart.test.ts on a cluster, as test/e2e/e2e.sh runs the other tests: the chart takes over the operator of `make deploy`, is
# upgraded, rolled back, uninstalled and installed. In the end the operator of `make deploy` is there again.
#   e2e.sh [ARGUMENTS OF JEST]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

helm=$(test/go-program.sh test/helm helm "for the tests of the chart" helm.sh/helm/v4/cmd/helm)

restore() {
  # A cluster that was brought up for this run is down by now.
  KUBECONFIG=$(test/cluster/cluster.sh kubeconfig 2>/dev/null) || return 0
  export KUBECONFIG
  deploy/deploy.sh
}
trap restore EXIT
trap 'exit 130' INT TERM
PATH=$(dirname "$helm"):$PATH test/e2e/e2e.sh --testMatch "$PWD/test/helm/**/*.test.ts" "$@"
