#!/usr/bin/env bash
# Takes the operator away from a cluster (target.sh says which), whichever overlay it came from. The definitions, all
# objects of their kinds, the pods of the runtimes, and the users' roles for them stay.
#   CRDS=delete    deletes those too
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source test/cluster/lib/settings.sh

case ${CRDS-} in "" | delete) ;; *) fail "CRDS=$CRDS is not known: leave it out, or delete." ;; esac
source deploy/target.sh

# How many there are: count KIND [--namespace NAME | --all-namespaces]
count() { if defined; then kubectl get "$@" --ignore-not-found --output name | wc -l | tr -d ' '; else echo 0; fi; }

delete_user_data() {
  say "Deleting $(count scriptendpoints.copepod.dev --all-namespaces) ScriptEndpoints, $(count scriptschedules.copepod.dev --all-namespaces) ScriptSchedules, $(count scriptexecutions.copepod.dev --all-namespaces) ScriptExecutions and $(count scriptruntimes.copepod.dev --all-namespaces) ScriptRuntimes, in all namespaces, and their definitions"
  if defined; then
    kubectl delete scriptendpoints.copepod.dev --all --all-namespaces >/dev/null
    kubectl delete scriptschedules.copepod.dev --all --all-namespaces >/dev/null
    kubectl delete scriptexecutions.copepod.dev --all --all-namespaces >/dev/null
    # In the foreground: once the definition is gone the garbage collector no longer finds what a runtime owned.
    kubectl delete scriptruntimes.copepod.dev --all --all-namespaces --cascade=foreground --timeout 300s
  fi
  kubectl delete crd scriptruntimes.copepod.dev scriptexecutions.copepod.dev scriptschedules.copepod.dev scriptendpoints.copepod.dev --ignore-not-found
  kubectl delete clusterroles --selector app.kubernetes.io/name=copepod,app.kubernetes.io/component=user-role
}

say "Removing the operator"
# The operator first, as long as it has the rights to end in order.
kubectl --namespace $namespace delete deployment copepod-operator --ignore-not-found --cascade=foreground --timeout 120s
[ "${CRDS-}" != delete ] || delete_user_data
kubectl delete clusterrolebindings,clusterroles,rolebindings,roles --all-namespaces --selector "$watch_label"
own=0
for kind in scriptruntimes scriptexecutions scriptschedules scriptendpoints; do
  own=$((own + $(count $kind.copepod.dev --namespace $namespace)))
done
if [ "$own" -gt 0 ]; then
  say "Left: namespace $namespace, since it holds objects of Copepod's kinds"
else
  kubectl delete namespace $namespace --ignore-not-found --timeout 120s
fi

if [ "${CRDS-}" != delete ] && defined; then
  say "Left: the definitions, $(count scriptendpoints.copepod.dev --all-namespaces) ScriptEndpoints, $(count scriptschedules.copepod.dev --all-namespaces) ScriptSchedules, $(count scriptruntimes.copepod.dev --all-namespaces) ScriptRuntimes with their pods, $(count scriptexecutions.copepod.dev --all-namespaces) ScriptExecutions and the users' roles for them. make undeploy CRDS=delete deletes them all."
fi
