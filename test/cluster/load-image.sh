#!/usr/bin/env bash
# Builds a small image for tests from a folder and loads it into the cluster.
#   load-image.sh IMAGE CONTEXT [BUILD ARGUMENTS]
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
  builder=$(command -v docker || command -v podman) || fail "$image can only be built with buildah, docker or podman."
  "$builder" build -q "$@" -t "$image" "$context" >/dev/null
  "$builder" save -o "$archive" "$image"
fi

case $(cat "$state/kind-of-cluster" 2>/dev/null) in
  "") ctr --address "$socket" --namespace k8s.io images import "$archive" >/dev/null ;;
  kind) kind load image-archive --name copepod-test "$archive" >&2 ;;
  *) say "Images cannot be loaded into this cluster: push $image to a registry it pulls from" ;;
esac
