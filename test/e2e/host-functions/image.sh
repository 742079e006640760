#!/usr/bin/env bash
# Builds on the product's image one with host functions, and loads it into the cluster of `make cluster`.
#   IMAGE=localhost/copepod:dev   the product's      HOST_FUNCTIONS_IMAGE=...   its name
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
exec test/cluster/derived-image.sh "${HOST_FUNCTIONS_IMAGE:-localhost/copepod-host-functions:dev}" \
  test/e2e/host-functions/{Dockerfile,main.mjs} examples/host-functions/host-functions.mjs
