#!/usr/bin/env bash
# Makes sure that a Go program of the tests is built, from the Go module proxy as pinned by its go.mod and go.sum, and prints its
# path. It is kept outside the checkout, keyed by what it is made of.
#
#   go-program.sh DIRECTORY NAME WHAT [PACKAGE [TAGS]]
#     DIRECTORY: of its go.mod; WHAT: for people, while they wait; PACKAGE: of a module that go.mod requires, instead of the
#     program in DIRECTORY; TAGS: build tags, with commas between them
#
# Progress goes to stderr. The binary appears by one rename, so a build that was killed leaves nothing half-made; a lock
# makes a second build wait for the first instead of doing it twice.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=cluster/lib/settings.sh
source "$here/cluster/lib/settings.sh"

directory=$1 name=$2 what=$3 package=${4:-.} tags=${5-}
if [ "$package" = . ]; then duration="about a minute"; else duration="2 to 8 minutes"; fi
key=$(cd "$directory" && { cat go.mod go.sum; if [ "$package" = . ]; then cat ./*.go; else echo "$package $tags"; fi; } | sha256sum | cut -c -12)
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
  say "Building $name ($what; $duration, on 2 cores; kept in $bin)"
  cd "$directory"
  started=$SECONDS
  CGO_ENABLED=0 GOWORK=off nice -n 19 go build -mod=readonly -trimpath -buildvcs=false ${COPEPOD_BUILD_JOBS:+-p "$COPEPOD_BUILD_JOBS"} \
    -tags "$tags" -ldflags "-s -w" -o "$bin/.$name.$$.partial" "$package" 2> >(grep -v '^go: downloading' >&2) >&2 &
  pid=$!
  trap 'kill "$pid" 2>/dev/null; exit 1' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    elapsed=$((SECONDS - started))
    if [ "$elapsed" -gt 0 ] && [ $((elapsed % 60)) -eq 0 ]; then say "still building $name, $((elapsed / 60)) min"; fi
  done
  wait "$pid" || fail "Building $name failed (above). It needs Go 1.26 or later and, the first time, a network."
  trap - INT TERM
  mv "$bin/.$name.$$.partial" "$program"
  say "$name built in $((SECONDS - started)) s"
fi
echo "$program"
