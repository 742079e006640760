#!/usr/bin/env bash
# oxc-transform 0.151.0 beside typescript 5.9.3 (`transpileModule`) and esbuild 0.28.2: valid TypeScript that means something else, and an
# `errors` list that does not say so.
#
# Expected: a program is compiled to what TypeScript makes of it, or `errors` names what is not supported; and places in
# `errors` are indices into the JavaScript string that was passed in.
# What happens:
# 1. Two blocks of one namespace: the second block's reference to an export of the first stays a bare name. No error, no
#    warning; a ReferenceError when it runs.
# 2. A namespace that exports `let`: its export keeps the first value. `errors` has an entry of severity "Warning" and the code is
#    complete, so a build that goes by `code` gives 1 for 2, and one that fails on `errors.length` fails on a warning.
# 3. An enum member that is a string constant of the file gets a number's reverse entry: `Object.keys` lists it. esbuild does the same.
# 4. Decorators and `accessor` are left as they are for every target, es2015 too, without an entry: no engine runs them yet.
# 5. `labels[].start` counts bytes of UTF-8, not UTF-16 units: after four letters with accents it points four columns too far.
#
# Output seen:
#   a namespace in two blocks: typescript 2, esbuild 2, oxc ReferenceError: n is not defined (no entry)
#   a namespace that exports let: typescript 2, esbuild 2, oxc 1 (Warning)
#   an enum of string constants: typescript A, esbuild A,k, oxc A,k (no entry)
#   a decorator for es2015: typescript class A, esbuild class A, oxc SyntaxError: Invalid or unexpected token (no entry)
#   a place behind "éééé": 29 where the string has 25
# Exits with 1 if that changes. Needs Node 20 or later, npm and a registry.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >package.json <<'JSON'
{
  "private": true,
  "type": "module",
  "dependencies": { "esbuild": "0.28.2", "oxc-transform": "0.151.0", "typescript": "5.9.3" },
  "allowScripts": { "esbuild": true }
}
JSON
timeout -k 5 180 npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
cat >finding.js <<'JS'
import vm from 'node:vm';
import * as esbuild from 'esbuild';
import { transformSync } from 'oxc-transform';
import typescript from 'typescript';

const run = (code) => {
  try {
    return String(vm.runInNewContext(code, undefined, { timeout: 1000 }));
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

function compare(what, source) {
  const oxc = transformSync('a.ts', source, { lang: 'ts', sourceType: 'script', target: 'es2015' });
  const reference = typescript.transpileModule(source, { compilerOptions: { target: typescript.ScriptTarget.ES2015 } });
  const entry = oxc.errors.map(({ severity }) => severity).join() || 'no entry';
  const other = esbuild.transformSync(source, { loader: 'ts', target: 'es2015' }).code;
  console.log(`${what}: typescript ${run(reference.outputText)}, esbuild ${run(other)}, oxc ${run(oxc.code)} (${entry})`);
}

compare('a namespace in two blocks', 'namespace N { export const n = 1 }\nnamespace N { export const m = n + 1 }\nN.m');
compare('a namespace that exports let', 'namespace N { export let n = 1; export function up() { n++ } }\nN.up(); N.n');
compare('an enum of string constants', "const k = 'k';\nenum E { A = k }\nObject.keys(E)");
compare(
  'a decorator for es2015',
  'let seen = "";\nfunction note(_: unknown, { kind, name }: any) { seen = `${kind} ${name}` }\n@note class A {}\nseen',
);

const broken = 'const s = "éééé"; let x: = 1';
const [error] = transformSync('a.ts', broken, { lang: 'ts' }).errors;
console.log(`a place behind "éééé": ${error.labels[0].start} where the string has ${broken.indexOf('= 1')}`);
JS
timeout -k 2 60 node finding.js | tee seen
# The expected output is the one in the header.
sed -n '/^# Output seen/,/^# Exits/{s/^#   //p}' "$here/oxc-transform.sh" | diff - seen
