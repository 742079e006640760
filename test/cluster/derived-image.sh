#!/usr/bin/env bash
# Builds an image on the product's from a few files, a Dockerfile among them, and loads it into the cluster of `make cluster`.
#   derived-image.sh NAME FILE...      IMAGE=localhost/copepod:dev   the product's
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

image=$1
shift
context=$(mktemp -d "$cache/derived-image.XXXXXX")
trap 'rm -rf "$context"' EXIT
cp "$@" "$context"
test/cluster/load-image.sh "$image" "$context" --build-arg "IMAGE=${IMAGE:-localhost/copepod:dev}"
