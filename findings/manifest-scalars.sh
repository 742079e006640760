#!/usr/bin/env bash
# One manifest, two readers: sigs.k8s.io/yaml v1.6.0 (kubectl 1.36 reads manifests with it) and the npm package yaml 2.9.1, which has a
# mode for YAML 1.1.
#
# Expected: `parse(text, { version: '1.1', merge: true })` reads what kubectl reads, since kubectl's dialect is YAML 1.1.
# What happens: it is a dialect of its own.
# 1. A whole number beyond 64 bits that is not decimal, such as a digest in hex without quotes: kubectl has a string, yaml a rounded number.
#    A schema that wants a string refuses it in a tool built on yaml and takes it on the cluster.
# 2. U+2028 (and U+0085, U+2029) breaks a line in kubectl: behind a comment, it ends the comment, and what looks commented out counts.
#    A quoted string and a block lose the indentation behind it.
# 3. `1:30` and `2026-11-22` are strings in kubectl, though YAML 1.1 has them as a sexagesimal number and a date.
# 4. A key that is a float is read with 32 bits: `0.3333333333333333` becomes "0.33333334".
# 5. `0o17` is 15 in kubectl, which is YAML 1.2's notation, and a string in yaml's 1.1 mode; `010` is 8 in both.
#
# Output seen (kubectl's reader, then yaml in 1.1):
#   hash: 0xd1e8a70b5ccab1dc2f56          {"hash":"0xd1e8a70b5ccab1dc2f56"}    {"hash":9.912662763613111e+23}
#   # debug<U+2028>replicas: 5            {"replicas":5}                       null
#   text: "a<U+2028>  b"                  {"text":"a\u2028b"}                  {"text":"a\u2028  b"}
#   at: 1:30                              {"at":"1:30"}                        {"at":90}
#   day: 2026-11-22                       {"day":"2026-11-22"}                 {"day":"2026-11-22T00:00:00.000Z"}
#   {0.3333333333333333: third}           {"0.33333334":"third"}               {"0.3333333333333333":"third"}
#   mode: 0o17                            {"mode":15}                          {"mode":"0o17"}
#   mode: 010                             {"mode":8}                           {"mode":8}
# Exits with 1 if that changes. Needs Node 20 or later, npm, Go.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >package.json <<'JSON'
{ "private": true, "type": "module", "dependencies": { "yaml": "2.9.1" } }
JSON
timeout -k 5 180 npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
cat >go.mod <<'MOD'
module finding

go 1.24

require sigs.k8s.io/yaml v1.6.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/yaml"
)

// Prints standard input, a YAML document, as JSON.
func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	json, err := yaml.YAMLToJSON(text)
	if err != nil {
		json = []byte(err.Error())
	}
	fmt.Println(string(json))
}
GO
GOFLAGS=-mod=mod GOWORK=off timeout -k 5 300 go build -o kubectl-yaml . 2> >(grep -v '^go: ' >&2)
cat >finding.js <<'JS'
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';

for (const text of [
  'hash: 0xd1e8a70b5ccab1dc2f56',
  '# debug\u2028replicas: 5',
  'text: "a\u2028  b"',
  'at: 1:30',
  'day: 2026-11-22',
  '{0.3333333333333333: third}',
  'mode: 0o17',
  'mode: 010',
]) {
  const cluster = execFileSync('./kubectl-yaml', { input: text, encoding: 'utf8', timeout: 10_000 }).trim();
  const yaml = JSON.stringify(parse(text, { version: '1.1', merge: true }));
  const row = [text.replace('\u2028', '<U+2028>').padEnd(37), cluster.padEnd(36), yaml.replace('\u2028', '\\u2028')];
  console.log(row.join(' '));
}
JS
timeout -k 2 60 node finding.js | tee seen
# The expected output is the one in the header.
sed -n '/^# Output seen/,/^# Exits/{s/^#   //p}' "$here/manifest-scalars.sh" | diff - seen
