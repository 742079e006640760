# Keys, certificates, tokens and kubeconfigs of the cluster, created once, readable by their owner only.
# shellcheck shell=bash

# authority NAME SUBJECT: creates a key and a CA certificate.
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "$2" \
    -keyout "$pki/$1.key" -out "$pki/$1.crt" 2>/dev/null
}

# certificate NAME SUBJECT USAGE [ALTERNATIVE_NAMES [AUTHORITY]]
certificate() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"
  openssl req -new -key "$pki/$1.key" -subj "$2" -out "$pki/$1.csr"
  openssl x509 -req -in "$pki/$1.csr" -CA "$pki/${5-ca}.crt" -CAkey "$pki/${5-ca}.key" -CAcreateserial -days 365 -out "$pki/$1.crt" \
    -extfile <(printf 'extendedKeyUsage=%s\n%s' "$3" "${4:+subjectAltName=$4}") 2>/dev/null
}

# identity NAME USER GROUP: creates a token for USER and a kubeconfig that uses it.
identity() {
  local token
  token=$(openssl rand -hex 24)
  echo "$token,$2,$2,\"$3\"" >>"$pki/tokens.csv"
  cat >"$pki/$1.kubeconfig" <<END
apiVersion: v1
kind: Config
clusters:
  - name: copepod-test
    cluster: { server: "https://$address:6443", certificate-authority-data: $(base64 -w0 <"$pki/ca.crt") }
users:
  - name: $1
    user: { token: $token }
contexts:
  - name: copepod-test
    context: { cluster: copepod-test, user: $1 }
current-context: copepod-test
END
}

make_identities() {
  pki=$state/pki
  [ -f "$kubeconfig" ] && return
  rm -rf "$pki"
  mkdir -p "$pki"
  authority ca /CN=copepod-test
  certificate apiserver /CN=kube-apiserver serverAuth \
    "IP:$address,IP:$service_address,IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  certificate apiserver-to-kubelet /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  # Client certificate of the API server towards aggregated API servers, signed by a CA of its own.
  authority front-proxy-ca /CN=copepod-test-front-proxy
  certificate front-proxy /CN=kube-apiserver clientAuth "" front-proxy-ca
  certificate kubelet "/O=system:nodes/CN=system:node:$node" serverAuth "IP:$address"
  openssl genrsa -out "$pki/service-accounts.key" 2048 2>/dev/null
  identity admin copepod-admin system:masters
  identity controller-manager system:kube-controller-manager ""
  identity scheduler system:kube-scheduler ""
  identity kube-proxy system:kube-proxy ""
  identity kubelet "system:node:$node" system:nodes
  cp "$pki/admin.kubeconfig" "$kubeconfig" # last: its presence means that all other files are complete
}
