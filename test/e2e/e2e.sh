#!/usr/bin/env bash
# Runs the tests of this folder on a cluster: the one of `make cluster`, which is brought up for it and taken down again
# where none is up. It always gets the image of this checkout and the operator that is in it.
#   e2e.sh [ARGUMENTS OF JEST]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec test/cluster/with-operator.sh npm run --silent e2e -- "$@"
