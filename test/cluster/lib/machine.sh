# Changes of the cluster to the machine outside its state directory, and their removal.
# shellcheck shell=bash

# Kernel settings that the kubelet, the bridge plugin and `share_processors` change.
kernel_settings=(vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys
  kernel.keys.root_maxbytes net.ipv4.ip_forward kernel.sched_autogroup_enabled)

install_packages() {
  local packages=() command
  for command in containerd:containerd runc:runc conntrack:conntrack nft:nftables catatonit:catatonit ip:iproute2 \
    openssl:openssl /usr/lib/cni/bridge:containernetworking-plugins; do
    command -v "${command%:*}" >/dev/null || packages+=("${command#*:}")
  done
  [ ${#packages[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || fail "make cluster needs these packages and found no apt-get to install them: ${packages[*]}"
  say "Installing Debian packages (about 20 s): ${packages[*]}"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${packages[@]}"; } \
    >"$logs/packages.log" 2>&1 || { tail -5 "$logs/packages.log" >&2; fail "Installing packages failed: $logs/packages.log"; }
}

cgroup_roots() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo /sys/fs/cgroup; else
    local root
    for root in /sys/fs/cgroup/*/; do [ -e "$root/cgroup.procs" ] && echo "${root%/}"; done
  fi
}

prepare_machine() {
  local name root
  if [ ! -f "$state/kernel-settings" ]; then
    for name in "${kernel_settings[@]}"; do echo "$name=$(sysctl -n "$name")"; done >"$state/kernel-settings.partial"
    for name in containers pods; do [ -d "/var/log/$name" ] || echo "/var/log/$name"; done >"$state/new-directories"
    for name in /run/containerd /run/runc /var/lib/cni /var/lib/kubelet /opt/containerd; do
      [ -d "$name" ] || echo "$name"
    done >>"$state/new-directories"
    mv "$state/kernel-settings.partial" "$state/kernel-settings"
  fi
  ip address replace "$address/32" dev lo
  for root in $(cgroup_roots); do mkdir -p "$root/$cgroup"; done
  share_processors
}

# Gives the pods' cgroup the CPU shares a server's kubelet gives it. The cluster is one cgroup level down, where cgroup
# v1 would weigh all pods like one thread of the API server. Also disables the scheduler's autogroups per terminal
# session: servers do not use them, and threads wait long for them on a busy machine.
share_processors() {
  local shares=/sys/fs/cgroup/cpu/$cgroup/cpu.shares
  [ ! -f "$shares" ] || echo $((1024 * $(nproc))) >"$shares"
  sysctl -qw kernel.sched_autogroup_enabled=0 2>/dev/null || true
}

# Every process of every pod is in the cluster's own cgroup; containerd's shims have our socket in their arguments.
pod_processes() { for root in $(cgroup_roots); do find "$root/$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null; done | sort -un; }
shims() {
  local file
  for file in /proc/[0-9]*/cmdline; do
    { tr '\0' ' ' <"$file"; } 2>/dev/null | grep -q "^[^ ]*containerd-shim-runc-v2 .*-address $socket " && basename "$(dirname "$file")"
  done
  return 0
}

# Files outside the state directory that only the shims' and sandboxes' own folders list; noted before those are
# removed.
note_strays() {
  local file
  for file in "$state"/containerd/state/io.containerd.runtime.v2.task/*/*/address; do
    [ -f "$file" ] && sed 's#^unix://##' "$file" && echo
  done
  for file in "$state"/containerd/state/io.containerd.grpc.v1.cri/sandboxes/*; do
    echo "/var/lib/cni/results/cni-loopback-$(basename "$file")-lo"
  done
} >>"$state/strays"

end_pods() {
  local pid _
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -z "$(pod_processes)$(shims)" ] && return
    for pid in $(pod_processes) $(shims); do kill -KILL "$pid" 2>/dev/null || true; done
    sleep 0.1
  done
}

mounts_below() { awk -v below="$1/" 'index($5, below) == 1 {print $5}' /proc/self/mountinfo | sort -r; }

restore_machine() {
  local path root table line
  if [ -f "$state/strays" ]; then xargs -r rm -f <"$state/strays"; fi
  while path=$(mounts_below "$state" | head -1) && [ -n "$path" ]; do umount "$path" 2>/dev/null || umount -l "$path" || break; done
  if ip link show "$bridge" >/dev/null 2>&1; then ip link delete "$bridge"; fi
  ip address delete "$address/32" dev lo 2>/dev/null || true
  for table in "ip kube-proxy" "ip6 kube-proxy"; do
    # shellcheck disable=SC2086
    nft delete table $table 2>/dev/null || true
  done
  for root in $(cgroup_roots); do
    [ -d "$root/$cgroup" ] && find "$root/$cgroup" -depth -type d -exec rmdir {} \; 2>/dev/null
  done
  rm -f /var/lib/cni/results/"$cni_network"-* /var/lib/cni/cache/results/"$cni_network"-*
  find /var/log/containers -maxdepth 1 -type l -lname "$state/*" -delete 2>/dev/null || true
  while read -r line; do sysctl -qw "$line" 2>/dev/null || true; done <"$state/kernel-settings"
  # The kubelet keeps its device plug-in socket and state at this fixed path.
  if grep -qx /var/lib/kubelet "$state/new-directories"; then rm -rf /var/lib/kubelet; fi
  # Directories the cluster created are removed too, unless they contain other files by now.
  while read -r path; do find "$path" -depth -type d -empty -delete 2>/dev/null || true; done <"$state/new-directories"
}
