#!/usr/bin/env bash
# Builds a small image for tests from a folder, and loads it into the cluster of `make cluster`.
#   load-image.sh IMAGE CONTEXT [ARGUMENTS OF THE BUILD]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

image=$1 context=$2
shift 2
work=$(mktemp -d "$cache/image.XXXXXX")
trap 'rm -rf "$work"' EXIT
archive=$work/image.tar

if command -v buildah >/dev/null; then
  buildah build -q --layers --isolation chroot "$@" -t "$image" "$context" >/dev/null
  buildah push -q "$image" "docker-archive:$archive:$image"
else
  builder=$(command -v docker || command -v podman) || fail "$image needs buildah, docker or podman to be built."
  "$builder" build -q "$@" -t "$image" "$context" >/dev/null
  "$builder" save -o "$archive" "$image"
fi

case $(cat "$state/kind-of-cluster" 2>/dev/null) in
  "") ctr --address "$socket" --namespace k8s.io images import "$archive" >/dev/null ;;
  kind) kind load image-archive --name copepod-test "$archive" >&2 ;;
  *) say "The cluster is not ours to load it into: push $image to a registry it pulls from" ;;
esac
