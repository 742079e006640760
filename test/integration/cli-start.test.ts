import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { CLI, copepod, Workspace } from './support/cli.ts';
import { loadedFiles, NAMING_MODULES } from './support/loaded-modules.ts';

/** URLs of the files that the command has loaded. */
async function filesOf(args: readonly string[], cwd: string): Promise<string[]> {
  const { stderr } = await copepod(args, { cwd, env: { NODE_OPTIONS: NAMING_MODULES } });
  const loaded = loadedFiles(stderr);
  expect(loaded.map((url) => basename(url))).toContain(basename(CLI));
  return loaded;
}

/** Packages of which the command has loaded files, bundled ones among them. */
async function packagesOf(args: readonly string[], cwd: string): Promise<string[]> {
  const loaded = await filesOf(args, cwd);
  const texts = loaded
    .filter((url) => url.includes('/dist/cli/'))
    .map((url) => readFileSync(fileURLToPath(url), 'utf8'));
  const bundled = texts.flatMap((text) => [...text.matchAll(/^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)]);
  return [...new Set(bundled.map(([, name]) => name as string))].sort();
}

/** What each run takes: options, caches, places in bundles. */
const ALWAYS = [
  '@jridgewell/resolve-uri',
  '@jridgewell/sourcemap-codec',
  '@jridgewell/trace-mapping',
  'commander',
  'lru-cache',
];

test.each<[string, string[], string[]]>([
  ['a script', ['hello.js'], []],
  ['a manifest, whose kind has rules', ['hello.yaml'], ['@marcbachmann/cel-js']],
  ['a list of executions', ['hello.js', '-o', 'yaml'], ['yaml']],
  ['a script that fails', ['fails.js'], ['@babel/code-frame', '@babel/helper-validator-identifier', 'js-tokens']],
])('copepod run loads no package that it does not need: %s', async (_, args, more) => {
  using files = new Workspace({
    'hello.js': '"hello"',
    'fails.js': 'throw new Error("no")',
    'hello.yaml': `apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: hello }
spec: { source: '"hello"' }`,
  });
  expect(await packagesOf(['run', ...args], files.path)).toEqual([...ALWAYS, ...more].sort());
});

/** Layers that scripts/build.ts names, modules that few other commands share with them, and what finds the addon; once a hundred files more. */
const MAX_FILES = 25;

test('copepod run loads its modules from few files', async () => {
  using files = new Workspace({ 'hello.js': '"hello"' });
  expect((await filesOf(['run', 'hello.js'], files.path)).length).toBeLessThanOrEqual(MAX_FILES);
});

test('copepod --help loads no engine and nothing that reads manifests', async () => {
  using files = new Workspace({});
  const texts = (await filesOf(['--help'], files.path)).map((url) => readFileSync(fileURLToPath(url), 'utf8')).join('');
  expect(texts).toContain('// src/cli/program.ts');
  for (const module of ['src/runtime/runtime.ts', 'src/cli/input/workload.ts']) expect(texts).not.toContain(module);
});
