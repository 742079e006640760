#!/usr/bin/env bash
# Installs Copepod on a cluster (target.sh says which), or brings it up to date, and waits until the operator is ready.
#   IMAGE=localhost/copepod:dev   its image         OVERLAY=cluster|namespaced   watch all namespaces, or chosen ones
#   TIMEOUT=120s                  for the operator to become ready
#   SCRAPERS=monitoring           namespaces, with commas between them, whose scrapers may read metrics
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source test/cluster/lib/settings.sh

image=${IMAGE:-localhost/copepod:dev}
overlay=${OVERLAY:-cluster}
timeout=${TIMEOUT:-120s}
scrapers=${SCRAPERS:-}
case $overlay in cluster | namespaced) ;; *) fail "OVERLAY=$overlay is not known: cluster (the default) or namespaced." ;; esac
source deploy/target.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
manifests=$work/manifests.yaml

# The image as kustomize takes it: name, tag and digest apart.
image_parts() {
  local name=${image%%@*} tag="" digest=""
  case $image in *@*) digest=${image#*@} ;; esac
  case ${name##*/} in *:*) tag=${name##*:} name=${name%:*} ;; esac
  [ -n "$tag$digest" ] || tag=latest
  echo "{ name: localhost/copepod, newName: \"$name\"${tag:+, newTag: \"$tag\"}${digest:+, digest: \"$digest\"} }"
}

# Lets in the scrapers of more namespaces: to the operator, and by its option to runtime pods.
scraper_patches() {
  [ -n "$scrapers" ] || return 0
  local each
  echo "patches:"
  echo "  - target: { kind: NetworkPolicy, name: copepod-operator }"
  echo "    patch: |"
  for each in ${scrapers//,/ }; do
    echo "      - { op: add, path: /spec/ingress/0/from/0/namespaceSelector/matchExpressions/0/values/-, value: \"$each\" }"
  done
  echo "  - target: { kind: Deployment, name: copepod-operator }"
  echo "    patch: |"
  echo "      - { op: add, path: /spec/template/spec/containers/0/args/-, value: \"--scraper-namespaces=$scrapers\" }"
}

# A kustomization about the rendered overlay, since one outside this checkout cannot name the overlay itself.
render() {
  kubectl kustomize "deploy/$overlay" >"$work/overlay.yaml"
  printf 'resources: [overlay.yaml]\nimages:\n  - %s\n' "$(image_parts)" >"$work/kustomization.yaml"
  scraper_patches >>"$work/kustomization.yaml"
  kubectl kustomize "$work" >"$manifests"
}

# Before anything is changed: half an installation helps nobody.
check_namespaces() {
  local each
  for each in $(sed -n 's/^  namespace: //p' "$manifests" | sort -u); do
    [ "$each" = $namespace ] || [ -n "$(kubectl get namespace "$each" --ignore-not-found --output name)" ] ||
      fail "There is no namespace $each: make it, or choose others in deploy/namespaced/kustomization.yaml."
  done
}

generation() { kubectl --namespace $namespace get deployment copepod-operator --ignore-not-found --output 'jsonpath={.metadata.generation}'; }

# Takes back what an earlier deploy granted and this one does not: another overlay, or a namespace that left the list.
revoke() {
  local each='{range .items[*]}{.kind} {.metadata.name} {.metadata.namespace}{"\n"}{end}' kind name where
  comm -13 \
    <(kubectl get --filename "$manifests" --output "jsonpath=$each" | sort) \
    <(kubectl get clusterrolebindings,clusterroles,rolebindings,roles --all-namespaces --selector $watch_label --output "jsonpath=$each" | sort) |
    while read -r kind name where; do kubectl delete "$kind" "$name" ${where:+--namespace "$where"}; done
}

# Why the operator is not ready, as far as the cluster knows.
explain() {
  local each='{range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\n"}{end}'
  local state='{range .items[*].status.containerStatuses[*]}{.state.waiting.reason} {.state.waiting.message} {.lastState.terminated.reason}{"\n"}{end}'
  echo "--- Deployment"; kubectl --namespace $namespace get deployment copepod-operator --output "jsonpath=$each"
  echo "--- Pods"; kubectl --namespace $namespace get pods --output wide
  kubectl --namespace $namespace get pods --output "jsonpath=$state"
  echo "--- Warnings"; kubectl --namespace $namespace get events --field-selector type=Warning --sort-by .metadata.creationTimestamp | tail -5
  echo "--- Log"; kubectl --namespace $namespace logs --selector app.kubernetes.io/component=operator --tail 20 --prefix
}

render
check_namespaces
say "Installing $image ($overlay)"
before=$(generation)
# What stands in deploy/ wins over what somebody has changed on the cluster.
kubectl apply --server-side --force-conflicts --filename "$manifests"
kubectl wait --for condition=Established --timeout 30s crd scriptruntimes.copepod.dev scriptexecutions.copepod.dev scriptschedules.copepod.dev scriptendpoints.copepod.dev >/dev/null
revoke
# An image that is loaded by hand keeps its name when it is rebuilt: only new pods have the new one.
case $image in localhost/*) [ -z "$before" ] || [ "$before" != "$(generation)" ] || kubectl --namespace $namespace rollout restart deployment copepod-operator ;; esac
if ! kubectl --namespace $namespace rollout status deployment copepod-operator --timeout "$timeout"; then
  explain >&2 || true
  fail "The operator is not ready after $timeout (above). Where its image is missing: make image builds it and loads it into the cluster of make cluster."
fi
