# The configuration files of the cluster's processes.
# shellcheck shell=bash

write_config() {
  mkdir -p "$state"/{config,cni,volume-plugins,pod-logs}
  cat >"$state/config/audit.yaml" <<END
# Metadata only, without bodies: enough to count requests by verb, resource and user.
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - { level: None, nonResourceURLs: ["/healthz*", "/livez*", "/readyz*"] }
  - { level: Metadata }
END
  cat >"$state/config/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $address
healthzBindAddress: 127.0.0.1
tlsCertFile: $state/pki/kubelet.crt
tlsPrivateKeyFile: $state/pki/kubelet.key
authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: $state/pki/ca.crt } }
authorization: { mode: Webhook }
containerRuntimeEndpoint: unix://$socket
cgroupDriver: cgroupfs
cgroupRoot: /$cgroup
failCgroupV1: false
failSwapOn: false
# There is no cluster DNS; nothing listens on port 53 of the node's address, so look-ups fail at once.
clusterDomain: cluster.local
clusterDNS: [$address]
resolvConf: ""
podLogsDir: $state/pod-logs
volumePluginDir: $state/volume-plugins
makeIPTablesUtilChains: false
# The machine is shared with its user: a full disk must not evict pods or collect images.
evictionHard: { memory.available: 100Mi }
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
nodeStatusUpdateFrequency: 5s
END
  cat >"$state/config/containerd.toml" <<END
version = 2
root = "$state/containerd/root"
state = "$state/containerd/state"
[grpc]
  address = "$socket"
[plugins."io.containerd.internal.v1.opt"]
  path = "$state/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  # A container without CAP_SYS_RESOURCE may not lower oom_score_adj; runc would fail to start every pod.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$state/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
      Root = "$state/runc"
END
  # No masquerading and no host ports: pods reach the node and each other without iptables rules.
  cat >"$state/cni/10-$cni_network.conflist" <<END
{
  "cniVersion": "0.4.0",
  "name": "$cni_network",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "$bridge",
      "isGateway": true,
      "hairpinMode": true,
      "ipam": {
        "type": "host-local",
        "ranges": [[{ "subnet": "$pod_range" }]],
        "routes": [{ "dst": "0.0.0.0/0" }],
        "dataDir": "$state/cni/addresses"
      }
    }
  ]
}
END
}

# The pause image: one static binary, assembled as a docker archive.
write_pause_image() {
  local work=$state/pause layer
  mkdir -p "$work/root"
  cp "$(command -v catatonit)" "$work/root/pause"
  tar -C "$work/root" --owner=0 --group=0 --mtime=@0 -cf "$work/layer.tar" pause
  layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
  cat >"$work/config.json" <<END
{"architecture":"$(dpkg --print-architecture)","os":"linux","config":{"Entrypoint":["/pause","-P"],"User":"65535"},"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]}}
END
  cat >"$work/manifest.json" <<END
[{"Config":"config.json","RepoTags":["$pause_image"],"Layers":["layer.tar"]}]
END
  tar -C "$work" -cf "$state/pause.tar" manifest.json config.json layer.tar
  rm -rf "$work"
}
