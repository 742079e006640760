#!/usr/bin/env bash
# image.sh IMAGE [COMMIT]: builds the image of a commit for this architecture with buildah, from the files of the commit
# alone, without a cache, and with the commit's time as that of all files. The same commit on the same base gives the
# same image. Prints the digest of its configuration.
#   BASE_IMAGE=NAME@sha256:...   base image (default: as scripts/image.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

image=$1
commit=$(git rev-parse --verify "${2:-HEAD}^{commit}")
base=${BASE_IMAGE:-$(scripts/image.sh base)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git archive --prefix=source/ "$commit" | tar -x -C "$work"

ca=()
if [ -f "${NODE_EXTRA_CA_CERTS-}" ]; then ca=(--secret "id=ca,src=$NODE_EXTRA_CA_CERTS"); fi
nice -n 10 buildah build --isolation chroot --no-cache --quiet --timestamp "$(git log -1 --format=%ct "$commit")" \
  --label "org.opencontainers.image.revision=$commit" --label "org.opencontainers.image.base.name=$base" \
  "${ca[@]}" --build-arg "BASE_IMAGE=$base" --iidfile "$work/id" -t "$image" "$work/source" >&2
cat "$work/id"
