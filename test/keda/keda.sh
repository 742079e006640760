#!/usr/bin/env bash
# KEDA on the cluster of `make cluster`, from the Go module proxy, as pinned by build/go.mod and go.sum.
#   keda.sh build | up | down
# Uses a KEDA that is already installed, and `down` keeps it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

here=$PWD/test/keda
module=github.com/kedacore/keda/v2
version=$(awk -v module=$module '$1 == module { print $2 }' "$here/build/go.mod")
# One folder: the image's build context and kustomize's input.
made=$cache/keda-$version
image=localhost/copepod-test-keda:built

compile() { # NAME PACKAGE
  [ -x "$made/$1" ] && return
  say "Building $1 $version from source (the first of the two takes 10 to 30 minutes on 2 cores; kept in $made)"
  (
    cd "$here/build"
    CGO_ENABLED=0 GOWORK=off exec nice -n 19 go build -mod=readonly -trimpath -buildvcs=false ${COPEPOD_BUILD_JOBS:+-p "$COPEPOD_BUILD_JOBS"} \
      -ldflags "-s -w -X $module/version.Version=${version#v}" -o "$made/.$1.partial" "$module/cmd/$2"
  )
  mv "$made/.$1.partial" "$made/$1"
}

build() {
  command -v go >/dev/null || fail "KEDA is built with Go 1.26 or later: https://go.dev/dl"
  mkdir -p "$made"
  exec 9>"$made/build.lock"
  flock 9
  compile keda operator
  compile keda-adapter adapter
  rm -rf "$made/config"
  # The module cache is read-only: a copy with its modes could not be removed.
  cp -r --no-preserve=mode "$(cd "$here/build" && go list -m -f '{{.Dir}}' "$module")/config" "$made/config"
  cp "$here/install/"* "$made"
}

is_there() { kubectl get crd scaledobjects.keda.sh --ignore-not-found -o name | grep -q .; }
is_ours() { [ "$(kubectl get namespace keda --ignore-not-found -o 'jsonpath={.metadata.labels.copepod\.dev/test}')" = keda ]; }

up() {
  if is_there && ! is_ours; then
    say "Using the KEDA of this cluster"
    return
  fi
  build
  test/cluster/load-image.sh "$image" "$made"
  # The cluster has the image now; another copy of 300 MB is not needed.
  ! command -v buildah >/dev/null || buildah rmi "$image" >/dev/null
  kubectl kustomize "$made" >"$made/manifests.yaml"
  # The CRD of ScaledJobs is too large for the annotation of a client-side apply.
  kubectl apply --server-side --force-conflicts -f "$made/manifests.yaml" >/dev/null
  kubectl -n keda rollout status deployment/keda-operator deployment/keda-metrics-apiserver --timeout=180s >&2
  kubectl wait --for=condition=Available apiservice/v1beta1.external.metrics.k8s.io --timeout=120s >&2
  say "KEDA $version is up"
}

down() {
  is_ours || return 0
  say "Removing KEDA"
  # First objects whose finalizers need a running KEDA; then its API, which would block namespace deletion without pods.
  ! is_there || kubectl delete scaledobjects.keda.sh --all --all-namespaces --timeout=60s >&2
  kubectl delete apiservice v1beta1.external.metrics.k8s.io --ignore-not-found >&2
  kubectl delete -f "$made/manifests.yaml" --ignore-not-found --timeout=120s >/dev/null
  if [ ! -e "$state/kind-of-cluster" ]; then ctr --address "$socket" --namespace k8s.io images rm "$image" >/dev/null; fi
}

case ${1-} in
  build | up | down) "$1" ;;
  *) fail "keda.sh build | up | down" ;;
esac
