#!/usr/bin/env bash
# @cloudflare/codemode 0.5.6 in Node: the executor of one's own that its README invites to, for "Node VM, QuickJS, containers, or
# anything else".
#
# Expected: `createCodeTool` of `@cloudflare/codemode/ai` and the executor that the README shows ("a simple Node VM
# executor") work in Node.
# What happens:
# 1. The entries `.` and `/ai` do not load: they import `cloudflare:workers`. Only `/browser` and the tanstack entry do.
# 2. The README's executor passes its second argument to the code as `codemode`. Since executors are given a list of providers
#    (`[{ name, fns }]`), every call of a tool is a TypeError.
# Why it matters: whoever writes an executor for Node has nothing to call it with, and the pattern to start from fails at its
# first tool, while code without a tool works.
#
# Output seen:
#   @cloudflare/codemode: ERR_UNSUPPORTED_ESM_URL_SCHEME
#   @cloudflare/codemode/ai: ERR_UNSUPPORTED_ESM_URL_SCHEME
#   @cloudflare/codemode/browser: loads
#   the README's executor, code without a tool: 2
#   the README's executor, a call of a tool: codemode.lookup is not a function
# Exits with 1 if that changes. Needs Node 20 or later, npm and a registry.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >package.json <<'JSON'
{
  "private": true,
  "type": "module",
  "dependencies": { "@cloudflare/codemode": "0.5.6", "ai": "7.0.173", "zod": "4.4.3" }
}
JSON
timeout -k 5 180 npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
cat >run.mjs <<'JS'
const seen = [];
const say = (what, how) => {
  seen.push(how);
  console.log(`${what}: ${how}`);
};
for (const entry of ['@cloudflare/codemode', '@cloudflare/codemode/ai', '@cloudflare/codemode/browser']) {
  say(entry, await import(entry).then(() => 'loads', ({ code }) => code));
}

// What the README's example does: it evaluates the code with its second argument as `codemode`.
const AsyncFunction = (async () => {}).constructor;
const executor = {
  execute: (code, tools) =>
    new AsyncFunction('codemode', `return (${code})()`)(tools).then(
      (result) => ({ result }),
      ({ message }) => ({ result: undefined, error: message }),
    ),
};
const { createBrowserCodeTool } = await import('@cloudflare/codemode/browser');
const lookup = { description: 'Looks up', inputSchema: { type: 'object' }, execute: async () => 1 };
const tool = createBrowserCodeTool({ tools: { lookup }, executor });
const run = (code) => tool.execute({ code }).then(({ result }) => String(result), ({ message }) => message.replace('Code execution failed: ', ''));
say("the README's executor, code without a tool", await run('async () => 1 + 1'));
say("the README's executor, a call of a tool", await run('async () => codemode.lookup({})'));
const expected = ['ERR_UNSUPPORTED_ESM_URL_SCHEME', 'ERR_UNSUPPORTED_ESM_URL_SCHEME', 'loads', '2', 'codemode.lookup is not a function'];
process.exit(seen.join() === expected.join() ? 0 : 1);
JS
timeout -k 5 60 node run.mjs
