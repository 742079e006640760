#!/usr/bin/env bash
# Prints everything a cluster could leave behind on this machine, in a form that diff can compare: the output before
# `make cluster` and after `make cluster-down` must be equal.
set -uo pipefail

section() { echo "## $1"; }

section processes
for file in /proc/[0-9]*/cmdline; do
  { tr '\0' ' ' <"$file"; } 2>/dev/null | grep -oE '^[^ ]*(etcd|kube[a-z-]+|containerd[a-z0-9-]*|catatonit|runc|pause)( |$)'
done | sort
section mounts
awk '{print $5, $9}' /proc/self/mountinfo | sort
section links
ip -o link | awk -F': ' '{print $2}' | sort
section addresses and routes
ip -o address | awk '{print $2, $3, $4}' | sort
ip route | sort
ls /run/netns 2>/dev/null
section nft list ruleset
nft list ruleset 2>/dev/null
section iptables
for tool in iptables-save ip6tables-save iptables-legacy-save; do command -v $tool >/dev/null && $tool 2>/dev/null | grep -v '^#'; done
section cgroups
find /sys/fs/cgroup -mindepth 1 -type d | grep -E 'copepod|kubepods|/pod[0-9a-f-]{36}' | sort
section listening sockets
{ ss -Hltn | awk '{print "tcp", $4}'; ss -Hlx | awk '{print "unix", $5}' | grep -E 'containerd|kube|etcd|copepod'; } | grep -E ':(2379|2380|6443|10[0-9]{3})$|^unix' | sort
section kernel settings
sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes kernel.sched_autogroup_enabled \
  net.ipv4.ip_forward net.netfilter.nf_conntrack_max net.ipv4.conf.all.route_localnet 2>/dev/null
section directories
ls -d /run/containerd /run/runc /var/lib/{kubelet,cni,containerd,etcd} /var/log/{pods,containers} /etc/{cni,kubernetes} /opt/{cni,containerd} \
  /usr/libexec/kubernetes "${XDG_STATE_HOME:-$HOME/.local/state}"/copepod/cluster 2>/dev/null
exit 0
