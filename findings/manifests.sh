#!/usr/bin/env bash
# sigs.k8s.io/yaml v1.6.0 (kubectl 1.36 reads manifests with it), over go.yaml.in/yaml/v2 v2.4.2.
#
# 1. A YAML merge key replaces the keys that stand before it in the same map. The merge key specification
#    (yaml.org/type/merge.html), PyYAML, js-yaml and the yaml package let the map's own keys win wherever they stand: the
#    same manifest has `memory: 64Mi` in an editor's preview and `memory: 4Gi` on the cluster.
# 2. Text behind the end of a document is dropped without an error: behind `...`, and behind a closing bracket.
#
# Output seen:
#   merge: {"base":{"memory":"4Gi"},"limits":{"memory":"4Gi"}}
#   own keys behind the merge key: {"base":{"memory":"4Gi"},"limits":{"memory":"64Mi"}}
#   behind ...: {"a":1}
#   behind a bracket: {"a":1}
# Exits with 1 if that changes. Needs Go and a module proxy.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >go.mod <<'MOD'
module finding

go 1.24

require sigs.k8s.io/yaml v1.6.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"sigs.k8s.io/yaml"
)

func main() {
	for _, text := range [][2]string{
		{"merge", "base: &base {memory: 4Gi}\nlimits:\n  memory: 64Mi\n  <<: *base\n"},
		{"own keys behind the merge key", "base: &base {memory: 4Gi}\nlimits:\n  <<: *base\n  memory: 64Mi\n"},
		{"behind ...", "a: 1\n...\nb: 2\n"},
		{"behind a bracket", "{a: 1}\nb: 2\n"},
	} {
		json, err := yaml.YAMLToJSON([]byte(text[1]))
		if err != nil {
			json = []byte(err.Error())
		}
		fmt.Printf("%s: %s\n", text[0], json)
	}
}
GO
GOFLAGS=-mod=mod GOWORK=off go run . | tee seen
diff - seen <<'EXPECTED'
merge: {"base":{"memory":"4Gi"},"limits":{"memory":"4Gi"}}
own keys behind the merge key: {"base":{"memory":"4Gi"},"limits":{"memory":"64Mi"}}
behind ...: {"a":1}
behind a bracket: {"a":1}
EXPECTED
