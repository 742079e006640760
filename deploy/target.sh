# Which cluster is meant, and the kubectl to speak to it; sourced by deploy.sh and undeploy.sh. The cluster of
# `make cluster` where that is up and KUBECONFIG is not set, else the current context.
# shellcheck shell=bash

namespace=copepod-system
# The operator's rights where it watches: namespaces may have left the overlay since they were given.
watch_label=app.kubernetes.io/name=copepod,app.kubernetes.io/component=operator-watch

built=$(test/cluster/binaries.sh --print)/kubectl
kubectl=kubectl
if [ -z "${KUBECONFIG-}" ] && own=$(test/cluster/cluster.sh kubeconfig 2>/dev/null); then
  export KUBECONFIG=$own
  [ ! -x "$built" ] || kubectl=$built
fi
command -v "$kubectl" >/dev/null || kubectl=$built
command -v "$kubectl" >/dev/null || fail "kubectl is needed: https://kubernetes.io/docs/tasks/tools"

kubectl() { command "$kubectl" "$@"; }

context=$(kubectl config current-context 2>/dev/null) ||
  fail "kubectl has no current context: make cluster, or kubectl config use-context NAME"
say "Cluster: context $context, $(kubectl config view --minify --output 'jsonpath={.clusters[0].cluster.server}')"

# Whether the kinds are defined.
defined() { [ -n "$(kubectl get crd scriptruntimes.copepod.dev scriptexecutions.copepod.dev --ignore-not-found --output name)" ]; }
