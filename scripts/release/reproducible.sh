#!/usr/bin/env bash
# reproducible.sh [COMMIT]: builds the image of a commit twice and compares the digests of what would be pushed. Where they
# differ, it prints the files that do, and fails. Needs buildah.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

commit=$(git rev-parse --verify "${1:-HEAD}^{commit}")
work=$(mktemp -d)
images=("localhost/copepod-reproducible-1-$$" "localhost/copepod-reproducible-2-$$")
remove() {
  rm -rf "$work"
  buildah rmi "${images[@]}" >/dev/null 2>&1 || true
}
trap remove EXIT

for image in "${images[@]}"; do
  say "Building the image of ${commit:0:12}, without a cache"
  scripts/release/image.sh "$image" "$commit" >/dev/null
  buildah push --quiet --digestfile "$work/digest" "$image" "oci:$work/${image##*/}" >&2
  say "$(<"$work/digest")"
  cat "$work/digest" >>"$work/digests"
  echo >>"$work/digests"
done

[ "$(sort -u "$work/digests" | wc -l)" = 1 ] && { say "The two builds are one image"; exit; }
files() {
  local container
  container=$(buildah from --pull-never "$1")
  (cd "$(buildah mount "$container")" && find . -type f -print0 | sort -z | xargs -0 sha256sum)
  buildah rm "$container" >/dev/null
}
diff <(files "${images[0]}") <(files "${images[1]}") | head -40 >&2 || true
fail "The two builds differ."
