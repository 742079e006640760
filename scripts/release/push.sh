#!/usr/bin/env bash
# push.sh REPOSITORY VERSION ARCHITECTURE...: joins the images REPOSITORY:VERSION-ARCHITECTURE, which are pushed already, in
# one index, pushes it as REPOSITORY:VERSION, and prints its digest. Needs buildah and a login to the registry.
set -euo pipefail

repository=$1 version=$2
shift 2
work=$(mktemp -d)
index=localhost/copepod-index-$$
trap 'rm -rf "$work"; buildah manifest rm "$index" >/dev/null 2>&1 || true' EXIT
buildah manifest create "$index" >/dev/null
for architecture; do
  buildah manifest add --arch "$architecture" "$index" "docker://$repository:$version-$architecture" >/dev/null
done
buildah manifest push --all --digestfile "$work/digest" "$index" "docker://$repository:$version" >&2
cat "$work/digest"
