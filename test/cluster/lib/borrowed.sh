# Clusters that were created elsewhere: the current kubeconfig context, or kind.
# shellcheck shell=bash

# The kubeconfig is a copy of the current context: switching contexts later cannot point the tests at another cluster.
existing_up() {
  local copy context
  command -v kubectl >/dev/null || fail "CLUSTER=existing needs kubectl."
  [ -e "$state/boot" ] && fail "A local cluster is up: run make cluster-down first."
  context=$(kubectl config current-context 2>/dev/null) || fail "CLUSTER=existing: kubectl has no current context. Choose one: kubectl config use-context NAME"
  copy=$(mktemp)
  kubectl config view --minify --flatten --raw >"$copy"
  kubectl --kubeconfig "$copy" get --raw /readyz >/dev/null || { rm "$copy"; fail "CLUSTER=existing: the cluster of context $context did not answer."; }
  mkdir -p "$state"
  chmod 700 "$state"
  echo existing >"$state/kind-of-cluster"
  mv "$copy" "$kubeconfig"
  touch "$state/up"
  say "Using context $context. export KUBECONFIG=\$(make kubeconfig)"
}

existing_down() {
  rm -rf "$state"
  say "The cluster is unchanged; the copied kubeconfig is removed"
}

kind_up() {
  { command -v kind && docker info; } >/dev/null 2>&1 || fail "CLUSTER=kind needs kind (https://kind.sigs.k8s.io) and a running Docker."
  [ -e "$state/boot" ] && fail "A local cluster is up: run make cluster-down first."
  mkdir -p "$state"
  chmod 700 "$state"
  echo kind >"$state/kind-of-cluster"
  if ! kind get clusters 2>/dev/null | grep -qx copepod-test; then kind create cluster --name copepod-test --kubeconfig "$kubeconfig" --wait 120s; fi
  kind export kubeconfig --name copepod-test --kubeconfig "$kubeconfig"
  touch "$state/up"
  say "The kind cluster is up. export KUBECONFIG=\$(make kubeconfig)"
}

kind_down() {
  kind delete cluster --name copepod-test
  rm -rf "$state"
}
