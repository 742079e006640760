#!/usr/bin/env bash
# V8 14.6 in Node 26.10.0, through `node:vm` and through isolated-vm 7.0.1: cached data of one source is accepted for
# another source of the same length, and the other source's program runs.
#
# Expected: `cachedDataRejected` is the check that Node's documentation makes of it ("will be set to either true or false depending on
# acceptance of the data by V8"), and a cache may therefore be keyed by name, or by name and time of change.
# What happens: of the source V8 compares the length alone. `r = 'allow'` compiled before makes `r = 'block'` give 'allow', and
# cachedDataRejected is false. Functions that were not compiled yet come from the new text, so the two mix:
# the second program below runs the old top level with the new function.
# A cache of compiled code runs stale or another tenant's code unless its key is a hash of the whole source (and of V8's version
# and flags, which V8 does check).
#
# Output seen:
#   node:vm, same length: rejected false, result allow
#   node:vm, a function inside: rejected false, result old top, new function
#   node:vm, one character longer: rejected true, result block
#   isolated-vm, same length: rejected false, result allow
# Exits with 1 if that changes. Needs npm and a registry.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >package.json <<'JSON'
{
  "private": true,
  "dependencies": { "isolated-vm": "7.0.1", "node": "26.10.0" },
  "allowScripts": { "isolated-vm": true, "node": true }
}
JSON
timeout -k 5 180 npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
cat >finding.cjs <<'JS'
const ivm = require('isolated-vm');
const vm = require('node:vm');

const say = (what, script, result) => console.log(`${what}: rejected ${script.cachedDataRejected}, result ${result}`);

function withCacheOf(source, other) {
  const script = new vm.Script(source, { cachedData: new vm.Script(other).createCachedData() });
  return [script, script.runInNewContext()];
}

async function main() {
  say('node:vm, same length', ...withCacheOf("r = 'block'", "r = 'allow'"));
  say('node:vm, a function inside', ...withCacheOf(
    "function f() { return 'new function' }; 'new top, ' + f()",
    "function f() { return 'old function' }; 'old top, ' + f()",
  ));
  say('node:vm, one character longer', ...withCacheOf("r = 'block';", "r = 'allow'"));

  const first = await new ivm.Isolate().compileScript("r = 'allow'", { produceCachedData: true });
  const isolate = new ivm.Isolate();
  const script = await isolate.compileScript("r = 'block'", { cachedData: first.cachedData });
  say('isolated-vm, same length', script, await script.run(await isolate.createContext()));
}
main();
JS
timeout -k 2 30 ./node_modules/.bin/node finding.cjs | tee seen
# The expected output is the one in the header.
sed -n '/^# Output seen/,/^# Exits/{s/^#   //p}' "$here/cached-data.sh" | diff - seen
