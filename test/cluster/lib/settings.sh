# Paths and names; sourced by the scripts of this folder.
# shellcheck shell=bash disable=SC2034

state=${COPEPOD_CLUSTER_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/copepod/cluster}
cache=${COPEPOD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/copepod}
kubeconfig=$state/kubeconfig
logs=$state/logs
socket=$state/containerd.sock

# All names and addresses below are unique to this cluster, so that taking it down cannot affect another.
address=10.250.0.1 # the node's address, on lo: reachable from its pods only
pod_range=10.244.0.0/24
service_range=10.96.0.0/16
service_address=10.96.0.1
bridge=copepod0
cni_network=copepod-test
cgroup=copepod-test
node=copepod
pause_image=copepod.dev/test/pause:1

say() { echo "==> $*" >&2; }
fail() { echo "$*" >&2; exit 1; }
