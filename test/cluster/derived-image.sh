#!/usr/bin/env bash
# Builds an image based on the product's from a few files, including a Dockerfile, and loads it into the cluster.
#   derived-image.sh NAME FILE...      IMAGE=localhost/copepod:dev   the product's image
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

image=$1
shift
context=$(mktemp -d "$cache/derived-image.XXXXXX")
trap 'rm -rf "$context"' EXIT
cp "$@" "$context"
test/cluster/load-image.sh "$image" "$context" --build-arg "IMAGE=${IMAGE:-localhost/copepod:dev}"
