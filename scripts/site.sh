#!/usr/bin/env bash
# Builds the site of the docs into dist-site/. VitePress is installed in the cache the first time (100 MB, half a minute).
#   DOCS_REPOSITORY=https://.../blob/main   where files that are no pages are found; else links to them are plain text
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source test/cluster/lib/settings.sh

COPEPOD_ROOT=$PWD
export COPEPOD_ROOT PATH=$PWD/node_modules/.bin:$PATH
[ -x node_modules/.bin/node ] || fail "make docs needs the packages of the repository: run make build first."
folder=$cache/site-$(sha256sum site/package-lock.json | cut -c1-12)
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
if [ ! -e "$folder/installed" ]; then
  say "Installing VitePress into $folder"
  cp site/package.json site/package-lock.json site/.npmrc "$folder"
  (cd "$folder" && npm install --no-save --loglevel=error >&2)
  touch "$folder/installed"
fi
rm -rf "$folder/.vitepress"
cp -r site/.vitepress "$folder"
(cd "$folder" && node_modules/.bin/vitepress build >&2)
say "dist-site/: $(find dist-site -name '*.html' | wc -l) pages"
