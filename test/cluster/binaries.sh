#!/usr/bin/env bash
# Prints the directory that holds the named Kubernetes binaries (and etcd) and builds missing ones from the Go module
# proxy, as pinned by build/*/go.mod and go.sum. Binaries are cached outside the checkout, by version.
#
#   binaries.sh [--print] NAME...     --print: only print the directory, build nothing
#
# Progress goes to stderr, the directory to stdout. A binary appears by one rename, so a killed build leaves no partial
# file; a lock makes a second build wait for the first.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
source "$here/lib/settings.sh"

pinned() { sed -n "s#^require $2 \(v[0-9.]*\)\$#\1#p; s#^[[:space:]]$2 \(v[0-9.]*\)\( // indirect\)\{0,1\}\$#\1#p" "$here/build/$1/go.mod" | head -1; }
kubernetes=$(pinned kubernetes k8s.io/kubernetes)
etcd=$(pinned etcd go.etcd.io/etcd/server/v3)
bin=$cache/kubernetes-$kubernetes-etcd-$etcd/bin

# Usual duration on two cores, for the progress message. The first one compiles the shared packages.
usual() {
  case $1 in
    kube-apiserver) echo "4 to 10 minutes, the first time" ;;
    kubelet) echo "1 to 2 minutes" ;;
    *) echo "half a minute" ;;
  esac
}

compile() {
  local name=$1 module=kubernetes package=k8s.io/kubernetes/cmd/$1 version=$kubernetes ldflags started pid
  if [ "$name" = etcd ]; then module=etcd package=go.etcd.io/etcd/server/v3 version=$etcd; fi
  ldflags="-s -w -X k8s.io/component-base/version.gitVersion=$kubernetes"
  say "Building $name $version from source (about $(usual "$name"), on 2 cores; kept in $bin)"
  started=$SECONDS
  (
    cd "$here/build/$module"
    CGO_ENABLED=0 GOWORK=off exec nice -n 19 go build -mod=readonly -trimpath -buildvcs=false ${COPEPOD_BUILD_JOBS:+-p "$COPEPOD_BUILD_JOBS"} \
      -ldflags "$ldflags" -o "$bin/.$name.$$.partial" "$package" 2> >(grep -v '^go: downloading' >&2)
  ) >&2 &
  pid=$!
  trap 'kill "$pid" 2>/dev/null; exit 1' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    local elapsed=$((SECONDS - started))
    if [ "$elapsed" -gt 0 ] && [ $((elapsed % 60)) -eq 0 ]; then say "still building $name, $((elapsed / 60)) min"; fi
  done
  wait "$pid" || fail "Building $name failed (above). Without Go or network access, set KUBEBUILDER_ASSETS to a directory that holds kube-apiserver and etcd."
  trap - INT TERM
  mv "$bin/.$name.$$.partial" "$bin/$name"
  say "$name built in $((SECONDS - started)) s"
}

if [ "${1-}" = --print ]; then echo "$bin"; exit 0; fi

missing() { for name in "$@"; do [ -x "$bin/$name" ] || echo "$name"; done; }

if [ -n "$(missing "$@")" ]; then
  command -v go >/dev/null || fail "$(missing "$@" | paste -sd' ' -) not found, and Go is not installed: install Go 1.26 or later (https://go.dev/dl), or set KUBEBUILDER_ASSETS to a directory that holds kube-apiserver and etcd."
  mkdir -p "$bin"
  # Without flock (macOS) two concurrent builds waste time but stay correct: each ends in a rename of a complete file.
  if command -v flock >/dev/null; then
    exec 9>"$bin/../build.lock"
    flock -n 9 || { say "Another build is running; waiting for it"; flock 9; }
    rm -f "$bin"/.*.partial # left by a killed build: no other build runs now
  fi
  for name in "$@"; do [ -x "$bin/$name" ] || compile "$name"; done
fi
echo "$bin"
