#!/usr/bin/env bash
# Builds on the product's image one with host functions, and loads it into the cluster of `make cluster`.
#   IMAGE=localhost/copepod:dev   the product's      HOST_FUNCTIONS_IMAGE=...   its name
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
source test/cluster/lib/settings.sh

base=${IMAGE:-localhost/copepod:dev}
image=${HOST_FUNCTIONS_IMAGE:-localhost/copepod-host-functions:dev}
work=$(mktemp -d "$cache/host-functions.XXXXXX")
trap 'rm -rf "$work"' EXIT
archive=$work/image.tar
mkdir "$work/context"
cp test/e2e/host-functions/{Dockerfile,main.mjs} "$work/context"
cp examples/host-functions/host-functions.mjs "$work/context/examples.mjs"

if command -v buildah >/dev/null; then
  buildah build -q --layers --isolation chroot --build-arg "IMAGE=$base" -t "$image" "$work/context" >/dev/null
  buildah push -q "$image" "docker-archive:$archive:$image"
else
  builder=$(command -v docker || command -v podman) || fail "$image needs buildah, docker or podman to be built."
  "$builder" build -q --build-arg "IMAGE=$base" -t "$image" "$work/context" >/dev/null
  "$builder" save -o "$archive" "$image"
fi

case $(cat "$state/kind-of-cluster" 2>/dev/null) in
  "") ctr --address "$socket" --namespace k8s.io images import "$archive" >/dev/null ;;
  kind) kind load image-archive --name copepod-test "$archive" >&2 ;;
  *) say "The cluster is not ours to load it into: push $image to a registry it pulls from" ;;
esac
