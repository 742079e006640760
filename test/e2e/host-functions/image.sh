#!/usr/bin/env bash
# Builds an image with host functions from the product's, and loads it into the cluster of `make cluster`.
#   IMAGE=localhost/copepod:dev   the product's image      HOST_FUNCTIONS_IMAGE=...   the name of the result
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
exec test/cluster/derived-image.sh "${HOST_FUNCTIONS_IMAGE:-localhost/copepod-host-functions:dev}" \
  test/e2e/host-functions/{Dockerfile,main.mjs} examples/host-functions/host-functions.mjs
