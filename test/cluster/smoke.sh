#!/usr/bin/env bash
# Exercises a node of the running cluster: under Pod Security `restricted`, runs an example with the image's engine,
# reads its logs, runs exec in a pod, and lets a container exceed its memory limit.
#   smoke.sh [EXAMPLE]     default: examples/hello.yaml
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source test/cluster/lib/settings.sh

example=${1:-examples/hello.yaml}
image=${IMAGE:-localhost/copepod:dev}
KUBECONFIG=$(test/cluster/cluster.sh kubeconfig)
PATH=$(test/cluster/binaries.sh --print):$PATH
export KUBECONFIG PATH
namespace=smoke
k() { kubectl --namespace $namespace "$@"; }

kubectl delete namespace $namespace --ignore-not-found --wait >/dev/null
kubectl create namespace $namespace >/dev/null
kubectl label namespace $namespace pod-security.kubernetes.io/enforce=restricted >/dev/null
trap 'kubectl delete namespace $namespace --wait=false >/dev/null' EXIT
k create configmap example --from-file="example.yaml=$example" >/dev/null
await_account() { until k get serviceaccount default >/dev/null 2>&1; do sleep 0.1; done; }
await_account

# pod NAME COMMAND_AS_JSON
pod() {
  k apply -f - >/dev/null <<END
apiVersion: v1
kind: Pod
metadata: { name: $1 }
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 1
  securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
  containers:
    - name: main
      image: $image
      command: $2
      resources: { limits: { memory: 256Mi, cpu: "1" } }
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
      volumeMounts: [{ name: example, mountPath: /example }]
  volumes: [{ name: example, configMap: { name: example } }]
END
}

say "A pod without the restricted security context is refused"
k run careless --image="$image" 2>&1 | fold -sw 160 || true

say "copepod run $example in a restricted pod; its logs"
pod run '["copepod", "run", "/example/example.yaml"]'
k wait pod/run --for=jsonpath='{.status.phase}'=Succeeded --timeout=30s >/dev/null || { k describe pod run | tail -20; k logs run; exit 1; }
k logs run

say "exec into a running pod"
pod stay '["node", "-e", "setInterval(() => {}, 1000)"]'
k wait pod/stay --for=condition=Ready --timeout=30s >/dev/null
k exec stay -- sh -c 'id; copepod --version; ls /app; cat /proc/1/status | grep -E "NoNewPrivs|Seccomp:|CapEff"'

say "A program that exceeds its limit of 256 MiB"
pod hungry '["node", "-e", "const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))"]'
k wait pod/hungry --for=jsonpath='{.status.phase}'=Failed --timeout=60s >/dev/null
k get pod hungry -o 'jsonpath={.status.containerStatuses[0].state.terminated.reason}{" "}{.status.containerStatuses[0].state.terminated.exitCode}{"\n"}'

say "From inside a pod to the API server's Service"
k exec stay -- node -e 'require("node:tls").connect({ host: "'$service_address'", port: 443, rejectUnauthorized: false }, function () {
  console.log("TLS answer of", this.getPeerCertificate().subject.CN);
  this.end();
})'
k get pods -o wide
