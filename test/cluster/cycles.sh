#!/usr/bin/env bash
# Takes the cluster up and down N times (default 5), with a pod running each time, and compares the state of the machine
# before and after. In between, kills the cluster's processes, which `up` has to repair.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh
PATH=$(test/cluster/binaries.sh --print):$PATH
export KUBECONFIG=$kubeconfig

[ ! -d "$state" ] || fail "A cluster is up: run make cluster-down first."
before=$(mktemp) after=$(mktemp)
trap 'rm -f "$before" "$after"' EXIT

run_pod() {
  until kubectl get serviceaccount default >/dev/null 2>&1; do sleep 0.2; done
  kubectl run "$1" --image=$pause_image --image-pull-policy=Never >/dev/null
  kubectl wait "pod/$1" --for=condition=Ready --timeout=30s >/dev/null
}
unchanged() {
  test/cluster/footprint.sh >"$after"
  diff "$before" "$after" || fail "cluster-down left something behind (>) or removed too much (<)"
}

test/cluster/footprint.sh >"$before"
for cycle in $(seq "${1:-5}"); do
  say "Cycle $cycle"
  test/cluster/cluster.sh up
  run_pod first
  test/cluster/cluster.sh down
  unchanged
done

say "Killing processes one by one, then all at once; up repairs"
test/cluster/cluster.sh up
run_pod before
for name in etcd kube-apiserver kubelet containerd; do
  kill -KILL "$(cut -d' ' -f1 "$state/run/$name")"
  test/cluster/cluster.sh up
done
test/cluster/cluster.sh kubeconfig
for file in "$state"/run/*; do kill -KILL "$(cut -d' ' -f1 "$file")"; done
! test/cluster/cluster.sh kubeconfig || fail "A cluster without processes counts as up"
test/cluster/cluster.sh up
run_pod after
kubectl get nodes,pods
say "Killing all processes, then cluster-down without repair"
for file in "$state"/run/*; do kill -KILL "$(cut -d' ' -f1 "$file")"; done
test/cluster/cluster.sh down
unchanged
say "The machine is as before: nothing left behind, nothing else removed"
