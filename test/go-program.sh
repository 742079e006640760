#!/usr/bin/env bash
# Makes sure that a Go program of the tests is built, from the Go module proxy as pinned by its go.mod and go.sum, and prints its
# path. It is kept outside the checkout, keyed by what it is made of.
#
#   go-program.sh DIRECTORY NAME WHAT     DIRECTORY: of its go.mod; WHAT: for people, while they wait
#
# Progress goes to stderr. The binary appears by one rename, so a build that was killed leaves nothing half-made; a lock
# makes a second build wait for the first instead of doing it twice.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=cluster/lib/settings.sh
source "$here/cluster/lib/settings.sh"

directory=$1 name=$2 what=$3
key=$(cd "$directory" && cat go.mod go.sum ./*.go | sha256sum | cut -c -12)
bin=$cache/$name-$key
program=$bin/$name

if [ -x "$program" ]; then echo "$program"; exit 0; fi

command -v go >/dev/null || fail "No Go to build $name with: install Go 1.26 or later (https://go.dev/dl)."
mkdir -p "$bin"
# Without flock (macOS) two builds at once only waste time: each still ends in a rename of a whole file.
if command -v flock >/dev/null; then
  exec 9>"$bin/build.lock"
  flock -n 9 || { say "Another build is running; waiting for it"; flock 9; }
  rm -f "$bin"/.*.partial # of a build that was killed: nobody else builds now
fi
if [ ! -x "$program" ]; then
  say "Building $name ($what; about a minute, on 2 cores; kept in $bin)"
  cd "$directory"
  CGO_ENABLED=0 GOWORK=off nice -n 19 go build -mod=readonly -trimpath -buildvcs=false -ldflags "-s -w" \
    -o "$bin/.$name.$$.partial" . 2> >(grep -v '^go: downloading' >&2) >&2 ||
    fail "Building $name failed (above). It needs Go 1.26 or later and, the first time, a network."
  mv "$bin/.$name.$$.partial" "$program"
fi
echo "$program"
