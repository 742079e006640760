#!/usr/bin/env bash
# kube-apiserver v1.36.3: server-side apply answers 500 to an object that breaks the schema of its kind.
#
# Expected: 400 or 422, as for a mistake of the client: a create of the same object answers 400 to a wrong type, and takes an unknown field
# with a warning.
# What happens: an unknown field and a wrong type are 500 "failed to create typed patch object (...)", a Status without reason and
# without details. A value that fits the schema and breaks a rule is 422 Invalid in both.
# Clients retry a 5xx with back-off, and alerts count it: a controller that applies what its users wrote retries for ever, and reports a
# broken API server where a user mistyped a field. Only the text of the message tells the two apart.
#
# Output seen:
#   create, an unknown field: 201
#   apply, an unknown field: 500, no reason
#   create, a string where a number belongs: 400 BadRequest
#   apply, a string where a number belongs: 500, no reason
#   create, an unknown restart policy: 422 Invalid
#   apply, an unknown restart policy: 422 Invalid
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

say() { # WHAT, then arguments of curl
  local what=$1 code reason
  shift
  code=$(call --output answer.json --write-out '%{http_code}' "$@")
  reason=$(sed -n 's/^  "reason": "\([A-Za-z]*\)",*$/ \1/p' answer.json)
  if [ "$code" != 201 ] && [ -z "$reason" ]; then reason=", no reason"; fi
  echo "$what: $code$reason"
  sed -n 's/^  "message": /    /p' answer.json >&2
}
pods=$url/api/v1/namespaces/default/pods
create() { # WHAT NAME SPEC
  say "create, $1" --header 'Content-Type: application/json' --data \
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"$2\"},\"spec\":$3}" "$pods"
}
apply() { # WHAT NAME SPEC
  say "apply, $1" --request PATCH --header 'Content-Type: application/apply-patch+yaml' --data \
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"$2\"},\"spec\":$3}" "$pods/$2?fieldManager=finding"
}
{
  unknown='{"containers":[{"name":"main","image":"none"}],"colour":"red"}'
  create "an unknown field" created-1 "$unknown"
  apply "an unknown field" applied-1 "$unknown"
  text='{"containers":[{"name":"main","image":"none"}],"terminationGracePeriodSeconds":"ten"}'
  create "a string where a number belongs" created-2 "$text"
  apply "a string where a number belongs" applied-2 "$text"
  policy='{"containers":[{"name":"main","image":"none"}],"restartPolicy":"Perhaps"}'
  create "an unknown restart policy" created-3 "$policy"
  apply "an unknown restart policy" applied-3 "$policy"
} | tee seen
# The expected output is the one in the header.
sed -n '/^# Output seen/,/^# Exits/{s/^#   //p}' "$here/server-side-apply.sh" | diff - seen
