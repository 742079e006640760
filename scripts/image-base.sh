#!/usr/bin/env bash
# image-base.sh BUILDER: builds a base image from Debian packages and the project's own Node and npm, for machines
# without access to an image registry. Prints its name; built once per Node version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source test/cluster/lib/settings.sh

builder=$1
node_binary=$(readlink -f node_modules/node/bin/node)
image=localhost/copepod-base:bookworm-node-$("$node_binary" -p process.versions.node)
if "$builder" inspect "$image" >/dev/null 2>&1; then echo "$image"; exit; fi

[ "$(id -u)" = 0 ] || fail "The image registry cannot be reached, and building a base image needs root: set BASE_IMAGE."
if ! command -v debootstrap >/dev/null; then
  say "Installing debootstrap"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends debootstrap; } >/dev/null
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say "No image registry can be reached: making a base image from Debian packages (about 45 s, once)"
root=$work/root
nice -n 10 debootstrap --variant=minbase --include=ca-certificates,libatomic1 bookworm "$root" >"$work/log" 2>&1 \
  || { tail -5 "$work/log" >&2; fail "debootstrap failed."; }
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/usr/share/{doc,man,locale}
install -m 755 "$node_binary" "$root/usr/local/bin/node"
npm install --global --prefix "$root/usr/local" --loglevel=error "npm@11" >&2

case $builder in
  buildah)
    container=$(buildah from scratch)
    buildah copy -q "$container" "$root" / >/dev/null
    buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    buildah commit -q --rm "$container" "$image" >/dev/null
    ;;
  *) tar -C "$root" -c . | "$builder" import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$image" >/dev/null ;;
esac
echo "$image"
