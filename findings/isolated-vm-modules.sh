#!/usr/bin/env bash
# isolated-vm 7.0.1 on Node 26.10.0: `await module.evaluate()` does not wait for a top-level await.
#
# Expected, as `evaluate()` of Node's own `vm.SourceTextModule` and as ECMAScript's Evaluate() have it: the promise is fulfilled
# when the module has run to its end, and rejected with what it throws.
# What happens: the promise is fulfilled at the first `await` that takes longer than the microtasks that are ready. The exports
# cannot be read then, the rest of the module runs later, and what it throws then can no longer reject the promise. A rejection
# within the ready microtasks does come out of `evaluate()`, so a test with `await null` shows nothing of this.
# A host that runs modules of others reads no result, or takes half a run for the whole, and measures half of its time.
# A remedy: evaluate a wrapper module that imports the module and then calls a callback of the host.
#
# Output seen:
#   isolated-vm, when evaluate() is fulfilled: before
#   isolated-vm, the default export then: default is not defined
#   isolated-vm, 300 ms later: before,after / 42
#   isolated-vm, with a wrapper, when its callback is called: before,after / 42
#   isolated-vm, an error after `await null`: evaluate() rejected: soon
#   node:vm, when evaluate() is fulfilled: before,after / 42
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

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (what, ...seen) => console.log(`${what}: ${seen.join(' / ')}`);

const SLOW = "log('before'); await wait(); log('after'); export default 42;";

async function inIsolate(source) {
  const isolate = new ivm.Isolate();
  const context = await isolate.createContext();
  const log = [];
  await context.global.set('log', new ivm.Callback((text) => void log.push(text)));
  await context.global.set('sleep', new ivm.Reference(() => sleep(100)));
  await context.eval('globalThis.wait = () => sleep.apply(undefined, [], { result: { promise: true } })');
  const module = await isolate.compileModule(source);
  await module.instantiate(context, () => { throw new Error('imports nothing'); });
  return { isolate, context, module, log };
}

async function withWrapper(source) {
  const { isolate, context, module, log } = await inIsolate(source);
  const done = new Promise((resolve) => context.global.setSync('done', new ivm.Callback(resolve)));
  const wrapper = await isolate.compileModule("import value from 'it'; done(value);");
  await wrapper.instantiate(context, () => module);
  await wrapper.evaluate();
  return [await done, log];
}

async function inVm(source) {
  const log = [];
  const context = vm.createContext({ log: (text) => log.push(text), wait: () => sleep(100) });
  const module = new vm.SourceTextModule(source, { context });
  await module.link(() => {});
  return { module, log };
}

const outcome = (promise) => promise.then(() => 'evaluate() fulfilled', (error) => `evaluate() rejected: ${error.message}`);

async function main() {
  const slow = await inIsolate(SLOW);
  await slow.module.evaluate();
  say('isolated-vm, when evaluate() is fulfilled', slow.log);
  say('isolated-vm, the default export then', await slow.module.namespace.get('default').catch((error) => error.message));
  await sleep(300);
  say('isolated-vm, 300 ms later', slow.log, await slow.module.namespace.get('default'));

  const [value, log] = await withWrapper(SLOW);
  say('isolated-vm, with a wrapper, when its callback is called', log, value);
  const soon = await inIsolate("await null; throw new Error('soon');");
  say('isolated-vm, an error after `await null`', await outcome(soon.module.evaluate()));

  const own = await inVm(SLOW);
  await own.module.evaluate();
  say('node:vm, when evaluate() is fulfilled', own.log, own.module.namespace.default);
}
main();
JS
timeout -k 2 30 ./node_modules/.bin/node --experimental-vm-modules --disable-warning=ExperimentalWarning finding.cjs | tee seen
# The expected output is the one in the header.
sed -n '/^# Output seen/,/^# Exits/{s/^#   //p}' "$here/isolated-vm-modules.sh" | diff - seen
