#!/usr/bin/env bash
# Builds an image on the product's from a few files, a Dockerfile among them, and loads it into the cluster of `make cluster`.
#   derived-image.sh NAME FILE...      IMAGE=localhost/copepod:dev   the product's
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

image=$1 base=${IMAGE:-localhost/copepod:dev}
shift
work=$(mktemp -d "$cache/derived-image.XXXXXX")
trap 'rm -rf "$work"' EXIT
archive=$work/image.tar
mkdir "$work/context"
cp "$@" "$work/context"

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
