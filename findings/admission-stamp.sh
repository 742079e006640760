#!/usr/bin/env bash
# kube-apiserver v1.36.3: server-side apply removes a field that a MutatingAdmissionPolicy has written and the applier has not.
#
# Expected: an apply removes the fields that its manager has applied before and no longer lists, and no others. A policy that writes the
# name of the creator into an annotation at CREATE has written it for good.
# What happens: what a policy writes at an apply has no owner in managedFields. It stays as long as the map around it is listed; where
# the applier takes the last of its own annotations back, the map goes, and the annotation of the policy with it.
# A stamp at CREATE alone (who made this object, which cost centre pays it) is lost at a later, unrelated apply, and a rule that the stamp
# must not change refuses that apply. A policy has to write it again at every UPDATE, from oldObject.
#
# Output seen:
#   apply with an annotation: created-by team
#   owned: team
#   apply with another value of it: created-by team
#   apply without annotations: none
# Exits with 1 if that changes. Needs Go 1.26, curl, openssl. Builds kube-apiserver and etcd for some ten minutes where
# the cluster tests have not (test/cluster/binaries.sh). Listens on loopback only.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$("$here/../test/cluster/binaries.sh" kube-apiserver etcd)
directory=$(mktemp -d)
started=()
clean_up() {
  # SIGTERM: timeout hands it on to what it runs, and sends SIGKILL two seconds later.
  for process in "${started[@]}"; do kill -TERM "$process" 2>/dev/null || true; done
  { wait; } 2>/dev/null
  rm -rf "$directory"
}
trap clean_up EXIT
cd "$directory"

openssl genrsa -out service-accounts.key 2048 2>/dev/null
token=$(openssl rand -hex 24)
(umask 077 && echo "$token,admin,admin,\"system:masters\"" >tokens.csv)
# A port that nothing listens on.
for _ in $(seq 20); do
  port=$((20000 + RANDOM % 10000))
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done
timeout -k 2 120 "$bin/etcd" --data-dir=etcd --unsafe-no-fsync --log-level=error \
  --listen-client-urls=unix://client:0 --advertise-client-urls=unix://client:0 --listen-peer-urls=unix://peer:0 \
  --initial-advertise-peer-urls=unix://peer:0 --initial-cluster=default=unix://peer:0 >etcd.log 2>&1 &
started+=($!)
timeout -k 2 120 "$bin/kube-apiserver" --etcd-servers=unix://client:0 --bind-address=127.0.0.1 "--secure-port=$port" \
  --cert-dir=certificates --authorization-mode=RBAC --token-auth-file=tokens.csv --service-cluster-ip-range=10.0.0.0/24 \
  --disable-admission-plugins=ServiceAccount --endpoint-reconciler-type=none \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=service-accounts.key \
  --service-account-signing-key-file=service-accounts.key >kube-apiserver.log 2>&1 &
started+=($!)

call() {
  curl --silent --insecure --noproxy '*' --max-time 10 --header "Authorization: Bearer $token" "$@"
}
url=https://127.0.0.1:$port
for _ in $(seq 60); do
  if [ "$(call "$url/readyz" || true)" = ok ] && call --fail "$url/api/v1/namespaces/default" >/dev/null; then break; fi
  sleep 1
done

send() { # METHOD PATH TYPE BODY: the names of the object's annotations
  call --fail --request "$1" --header "Content-Type: application/$3" --data "$4" --output answer.json "$url$2"
}
annotations() {
  sed -n '/^    "annotations": {/,/^    }/{s/^      "\([a-z-]*\)": .*/\1/p}' answer.json | sort | paste -sd' ' - | sed 's/^$/none/'
}
policies=/apis/admissionregistration.k8s.io/v1
send POST "$policies/mutatingadmissionpolicies" json '{"apiVersion":"admissionregistration.k8s.io/v1","kind":"MutatingAdmissionPolicy",
  "metadata":{"name":"stamp"},"spec":{"failurePolicy":"Fail","reinvocationPolicy":"Never",
  "matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}]},
  "mutations":[{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":
  "Object{metadata: Object.metadata{annotations: {\"created-by\": request.userInfo.username}}}"}}]}}'
send POST "$policies/mutatingadmissionpolicybindings" json '{"apiVersion":"admissionregistration.k8s.io/v1",
  "kind":"MutatingAdmissionPolicyBinding","metadata":{"name":"stamp"},"spec":{"policyName":"stamp"}}'
maps=/api/v1/namespaces/default/configmaps
# A policy takes effect a moment after it is written.
for _ in $(seq 60); do
  send POST "$maps?dryRun=All" json '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"trial"}}'
  if [ "$(annotations)" = created-by ]; then break; fi
  sleep 0.5
done
apply() { # METADATA
  send PATCH "$maps/stamped?fieldManager=finding" apply-patch+yaml \
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":$1,\"data\":{\"a\":\"1\"}}"
}
{
  apply '{"name":"stamped","annotations":{"team":"x"}}'
  echo "apply with an annotation: $(annotations)"
  echo "owned: $(sed -n '/"f:annotations"/,/}/{s/.*"f:\(created-by\|team\)".*/\1/p}' answer.json | sort | paste -sd' ' -)"
  apply '{"name":"stamped","annotations":{"team":"y"}}'
  echo "apply with another value of it: $(annotations)"
  apply '{"name":"stamped"}'
  echo "apply without annotations: $(annotations)"
} | tee seen
# The expected output is the one in the header.
sed -n '/^# Output seen/,/^# Exits/{s/^#   //p}' "$here/admission-stamp.sh" | diff - seen
