# The one-node cluster: its processes in the order of their dependencies, and their shutdown.
# shellcheck shell=bash

kube() { "$bin/kubectl" --kubeconfig "$kubeconfig" --cache-dir "$state/kubectl-cache" "$@"; }
api_ready() { [ "$(kube get --raw /readyz)" = ok ]; }
node_ready() {
  # Asked through the API server, to distinguish a live kubelet from one that has just died.
  [ "$(kube get --raw "/api/v1/nodes/$node/proxy/healthz")" = ok ] \
    && [ "$(kube get node "$node" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ] \
    && kube get serviceaccount default && kube get service kubernetes
}
containerd_ready() { ctr --address "$socket" version; }

start_control_plane() {
  launch etcd "$bin/etcd" --name "$node" --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster "$node=http://127.0.0.1:2380"
  launch kube-apiserver "$bin/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
    --bind-address="$address" --secure-port=6443 --service-cluster-ip-range="$service_range" \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --token-auth-file="$pki/tokens.csv" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --kubelet-client-certificate="$pki/apiserver-to-kubelet.crt" --kubelet-client-key="$pki/apiserver-to-kubelet.key" \
    --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$pki/service-accounts.key" \
    --service-account-signing-key-file="$pki/service-accounts.key" \
    --requestheader-client-ca-file="$pki/front-proxy-ca.crt" --requestheader-allowed-names=kube-apiserver \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$pki/front-proxy.crt" --proxy-client-key-file="$pki/front-proxy.key" --enable-aggregator-routing \
    --audit-policy-file="$state/config/audit.yaml" --audit-log-path="$logs/audit.log" --audit-log-maxsize=200 --audit-log-maxbackup=2
}

start_controllers() {
  launch kube-controller-manager "$bin/kube-controller-manager" --kubeconfig="$pki/controller-manager.kubeconfig" \
    --bind-address=127.0.0.1 --leader-elect=false --use-service-account-credentials=true --root-ca-file="$pki/ca.crt" \
    --flex-volume-plugin-dir="$state/volume-plugins" --service-account-private-key-file="$pki/service-accounts.key"
  launch kube-scheduler "$bin/kube-scheduler" --kubeconfig="$pki/scheduler.kubeconfig" --bind-address=127.0.0.1 --leader-elect=false
}

start_node() {
  launch kubelet "$bin/kubelet" --config="$state/config/kubelet.yaml" --kubeconfig="$pki/kubelet.kubeconfig" \
    --hostname-override="$node" --node-ip="$address" --root-dir="$state/kubelet" --cert-dir="$state/kubelet/pki"
  # Zeros keep the machine's connection tracking settings.
  launch kube-proxy "$bin/kube-proxy" --kubeconfig="$pki/kube-proxy.kubeconfig" --hostname-override="$node" --proxy-mode=nftables \
    --cluster-cidr="$pod_range" --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0 \
    --bind-address=127.0.0.1 --metrics-bind-address=127.0.0.1:10249 --healthz-bind-address=127.0.0.1:10256
}

node_up() {
  local started=$SECONDS boot
  [ "$(id -u)" = 0 ] || fail "make cluster needs root (for kubelet and containerd): sudo make cluster, or CLUSTER=existing or CLUSTER=kind."
  boot=$(cat /proc/sys/kernel/random/boot_id)
  if [ -f "$state/boot" ] && [ "$(cat "$state/boot")" != "$boot" ]; then
    say "The machine has been restarted since the cluster was up: starting from scratch"
    node_down
  fi
  [ -e "$state/kind-of-cluster" ] && fail "CLUSTER=$(cat "$state/kind-of-cluster") is in use: run make cluster-down first."
  mkdir -p "$logs" "$state/run"
  chmod 700 "$state"
  echo "$boot" >"$state/boot"
  install_packages
  bin=$("$here/binaries.sh" etcd kube-apiserver kubelet kube-controller-manager kube-scheduler kube-proxy kubectl)
  say "Starting Kubernetes (about 15 s)"
  prepare_machine
  make_identities
  write_config
  launch containerd containerd --config "$state/config/containerd.toml" --log-level warn
  start_control_plane
  write_pause_image
  await 20 "containerd's start" containerd_ready
  ctr --address "$socket" --namespace k8s.io images import "$state/pause.tar" >/dev/null
  await 60 "The API server's start" api_ready
  start_controllers
  start_node
  await 60 "The node's becoming Ready" node_ready
  touch "$state/up"
  say "Kubernetes $(kube version -o json | sed -n '/serverVersion/,$s/.*"gitVersion": "\(.*\)",/\1/p') is up after $((SECONDS - started)) s. export KUBECONFIG=\$(make kubeconfig)"
  command -v kubectl >/dev/null || say "There is no kubectl on the PATH; the cluster's own: export PATH=$bin:\$PATH"
}

# Whether all of its processes run: they end with the machine, or with the session that started them.
node_runs() {
  local file
  for file in "$state"/run/*; do running "$(basename "$file")" >/dev/null || return 1; done
}

node_down() {
  [ "$(id -u)" = 0 ] || fail "make cluster-down needs root: sudo make cluster-down"
  rm -f "$state/up"
  local name
  note_strays
  for name in kubelet kube-proxy kube-scheduler kube-controller-manager; do stop "$name" 5; done
  end_pods
  for name in containerd kube-apiserver etcd; do stop "$name" 10; done
  end_pods
  [ -f "$state/kernel-settings" ] && restore_machine
  rm -rf "$state"
  say "The cluster is down"
}
