import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { CLI, copepod, Workspace } from './support/cli.ts';

/** Has a process name each module that it loads on standard error. */
const NAMES_MODULES = `import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => (writeSync(2, url + '\\n'), next(url, context)) });`;

/** Packages of which the command has loaded files, bundled ones among them. */
async function packagesOf(args: readonly string[], cwd: string): Promise<string[]> {
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(NAMES_MODULES)}` };
  const { code, stderr } = await copepod(args, { cwd, env });
  expect(code).toBe(0);
  const loaded = stderr.split('\n').filter((line) => line.startsWith('file:'));
  expect(loaded.map((url) => basename(url))).toContain(basename(CLI));
  const texts = loaded.filter((url) => url.includes('/dist/cli/')).map((url) => readFileSync(fileURLToPath(url), 'utf8'));
  const bundled = texts.flatMap((text) => [...text.matchAll(/^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)]);
  return [...new Set(bundled.map(([, name]) => name as string))].sort();
}

test('copepod run loads what reads manifests where it is given one, and what shows errors and lists where there are any', async () => {
  using files = new Workspace({
    'hello.js': '"hello"',
    'hello.yaml': `apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: hello }
spec: { source: '"hello"' }`,
  });
  const script = await packagesOf(['run', 'hello.js'], files.path);
  expect(script).toEqual([]);
  expect(await packagesOf(['run', 'hello.yaml'], files.path)).toEqual([]);
});
