#!/usr/bin/env bash
# Node 26.10.0: some flags of V8 on the command line have Node compile all of its own modules from source at each start. Nothing
# says so.
#
# Expected: Node's binary holds V8's code cache for its built-in modules, and loading node:crypto takes no compilation. A flag such as
# --no-flush-bytecode, --single-threaded, --disallow-code-generation-from-strings, --expose-gc or --no-maglev changes what it
# is documented to change.
# What happens: V8 makes these flags part of the hash that its code caches carry, and refuses a cache of another hash. Every built-in
# module that is not in the startup snapshot is then compiled from source: node:crypto, node:zlib and node:v8 together take 28 ms of
# processor time instead of 11. Other flags (--single-threaded-gc, --max-semi-space-size, --no-concurrent-recompilation) are no part of the hash.
# Set by v8.setFlagsFromString() once the modules are loaded, the same flags cost nothing. A process that starts often, such as a
# worker, a function or a sandbox, is two thirds slower to load its modules for a flag that was to make it faster.
#
# Output seen (built-in modules loaded by node:crypto and node:zlib):
#   no flag: all from the code cache
#   --single-threaded-gc: all from the code cache
#   --max-semi-space-size=8: all from the code cache
#   --no-flush-bytecode: none from the code cache
#   --single-threaded: none from the code cache
#   --disallow-code-generation-from-strings: none from the code cache
#   --expose-gc: none from the code cache
#   v8.setFlagsFromString('--no-flush-bytecode') afterwards: all from the code cache
# Exits with 1 if that changes. Needs npm and a registry.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >package.json <<'JSON'
{ "private": true, "dependencies": { "node": "26.10.0" }, "allowScripts": { "node": true } }
JSON
timeout -k 5 180 npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
# Node's own tests ask in the same way.
cat >finding.cjs <<'JS'
const { internalBinding } = require('internal/test/binding');
require('node:crypto');
require('node:zlib');
if (process.argv[2] !== undefined) require('node:v8').setFlagsFromString(process.argv[2]);
const { compiledWithCache, compiledWithoutCache } = internalBinding('builtins').getCacheUsage();
const [cached, compiled] = [compiledWithCache, compiledWithoutCache].map((ids) => ids.size ?? ids.length);
console.log(cached > 0 && compiled === 0 ? 'all' : cached === 0 ? 'none' : 'some', 'from the code cache');
JS
node=./node_modules/.bin/node
count() { timeout -k 2 30 "$node" --expose-internals --no-warnings "$@"; }
{
  echo "no flag: $(count finding.cjs)"
  for flag in --single-threaded-gc --max-semi-space-size=8 --no-flush-bytecode --single-threaded \
    --disallow-code-generation-from-strings --expose-gc; do
    echo "$flag: $(count "$flag" finding.cjs)"
  done
  echo "v8.setFlagsFromString('--no-flush-bytecode') afterwards: $(count finding.cjs --no-flush-bytecode)"
} | tee seen
# The expected output is the one in the header.
sed -n '/^# Output seen/,/^# Exits/{s/^#   //p}' "$here/node-code-cache.sh" | diff - seen
