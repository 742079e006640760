#!/usr/bin/env bash
# Runs the tests of this folder on the cluster of `make cluster`, which is brought up and taken down again if none is
# up. The cluster always gets the image and operator of this checkout.
#   e2e.sh [ARGUMENTS OF JEST]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec test/cluster/with-operator.sh npm run --silent e2e -- "$@"
