#!/usr/bin/env bash
# Builds the product's image with buildah, docker or podman (the first one found), prints its size, and loads it into
# the cluster of `make cluster` if that is up.
#   image.sh base   prints the base image that it would build on, and builds nothing
#   IMAGE=localhost/copepod:dev   image name      BASE_IMAGE=...   base image (default: the Dockerfile's)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source test/cluster/lib/settings.sh

image=${IMAGE:-localhost/copepod:dev}
default_base=$(sed -n 's/^ARG BASE_IMAGE=//p' Dockerfile)

find_builder() {
  if command -v buildah >/dev/null; then echo buildah
  elif command -v docker >/dev/null && docker info >/dev/null 2>&1; then echo docker
  elif command -v podman >/dev/null; then echo podman
  elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing buildah (about 20 s)"
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends buildah; } >/dev/null
    echo buildah
  else fail "make image needs buildah, docker (with its daemon running) or podman."; fi
}
builder=$(find_builder)

# Debian's default configuration has no registry for short names.
qualified() { case $1 in */*) echo "$1" ;; *) echo "docker.io/library/$1" ;; esac; }

choose_base() {
  local base
  base=$(qualified "$default_base")
  if [ -n "${BASE_IMAGE-}" ]; then echo "$BASE_IMAGE"
  elif "$builder" inspect "$base" >/dev/null 2>&1 || timeout 120 "$builder" pull "$base" >/dev/null 2>&1; then echo "$base"
  else scripts/image-base.sh "$builder"; fi
}
base=$(choose_base)
if [ "${1-}" = base ]; then
  echo "$base"
  exit
fi

build=(build)
case $builder in
  buildah) build=(build --isolation chroot --layers) ;;
  podman) build=(build --layers) ;;
esac
ca=()
if [ -f "${NODE_EXTRA_CA_CERTS-}" ]; then ca=(--secret "id=ca,src=$NODE_EXTRA_CA_CERTS"); fi
old=$("$builder" images -q --no-trunc "$image" 2>/dev/null || true)
say "Building $image with $builder on $base (about a minute the first time)"
nice -n 10 "$builder" "${build[@]}" "${ca[@]}" --build-arg "BASE_IMAGE=$base" -t "$image" . >&2

new=$("$builder" images -q --no-trunc "$image" 2>/dev/null || true)
# The last stage is one layer with everything: without this, each build would leave 190 MB behind.
if [ -n "$old" ] && [ "$old" != "$new" ]; then "$builder" rmi "$old" >/dev/null 2>&1 || true; fi

mkdir -p "$cache"
archive=$(mktemp "$cache/image.XXXXXX.tar")
trap 'rm -f "$archive"' EXIT
case $builder in
  buildah) rm "$archive" && buildah push -q "$image" "docker-archive:$archive:$image" ;;
  *) "$builder" save -o "$archive" "$image" ;;
esac
say "$image: $(($(stat -c %s "$archive") / 1000000)) MB, $(gzip -1 <"$archive" | wc -c | awk '{printf "%d", $1 / 1000000}') MB compressed"

if [ ! -f "$state/up" ]; then
  say "No cluster is up: the image was not loaded (run make cluster, then make image)"
elif [ "$(cat "$state/kind-of-cluster" 2>/dev/null)" = kind ]; then
  kind load image-archive --name copepod-test "$archive" >&2
elif [ -e "$state/kind-of-cluster" ]; then
  say "Images cannot be loaded into this cluster: push $image to a registry it pulls from"
else
  ctr --address "$socket" --namespace k8s.io images import "$archive" >/dev/null
  say "Loaded into the cluster"
fi
