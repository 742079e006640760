#!/usr/bin/env bash
# Builds the program verdicts/ if needed, from the Go module proxy as pinned by its go.mod and go.sum, and prints its
# path. The binary is cached outside the checkout, by a hash of its sources.
#
#   build.sh [--print]     --print: only print the path, build nothing
#
# Progress goes to stderr. The binary appears by one rename, so a killed build leaves no partial file; a lock makes a
# second build wait for the first.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../cluster/lib/settings.sh
source "$here/../cluster/lib/settings.sh"

key=$(cd "$here/verdicts" && cat go.mod go.sum ./*.go | sha256sum | cut -c -12)
bin=$cache/gitops-verdicts-$key
program=$bin/verdicts

if [ "${1-}" = --print ] || [ -x "$program" ]; then echo "$program"; exit 0; fi

command -v go >/dev/null || fail "Building test/gitops/verdicts needs Go: install Go 1.26 or later (https://go.dev/dl)."
mkdir -p "$bin"
# Without flock (macOS) two concurrent builds waste time but stay correct: each ends in a rename of a complete file.
if command -v flock >/dev/null; then
  exec 9>"$bin/build.lock"
  flock -n 9 || { say "Another build is running; waiting for it"; flock 9; }
  rm -f "$bin"/.*.partial # left by a killed build: no other build runs now
fi
if [ ! -x "$program" ]; then
  say "Building test/gitops/verdicts (kstatus, and Lua as in Argo CD; about a minute, on 2 cores; kept in $bin)"
  cd "$here/verdicts"
  CGO_ENABLED=0 GOWORK=off nice -n 19 go build -mod=readonly -trimpath -buildvcs=false -ldflags "-s -w" \
    -o "$bin/.verdicts.$$.partial" . 2> >(grep -v '^go: downloading' >&2) >&2 ||
    fail "Building test/gitops/verdicts failed (above). It needs Go 1.26 or later and, the first time, network access."
  mv "$bin/.verdicts.$$.partial" "$program"
fi
echo "$program"
