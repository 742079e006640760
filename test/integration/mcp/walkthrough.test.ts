import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../support/cli.ts';

const DOC = readFileSync(join(ROOT, 'docs/agents.md'), 'utf8');
/** Commands of the page that run an example: the lines after each one are what it prints. */
const RUNS = [...DOC.matchAll(/^\$ node (examples\/agents\/\S+)\n((?:.*\n)*?)^````$/gm)].map(
  ([, file = '', output = '']) => [file, output] as const,
);

let bin: string;

beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), 'copepod-bin-'));
  const command = join(bin, 'copepod');
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'dist/cli/main.js')}" "$@"\n`);
  chmodSync(command, 0o755);
});
afterAll(() => rmSync(bin, { recursive: true, force: true }));

describe('docs/agents.md', () => {
  test('runs examples', () => {
    expect(RUNS.map(([file]) => file)).toEqual(['examples/agents/agent.mjs', 'examples/agents/code-mode.mjs']);
  });

  test.each(RUNS)('%s prints what the page says', async (file, output) => {
    const env = { ...process.env, NODE_OPTIONS: '', PATH: `${bin}${delimiter}${process.env.PATH}` };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: ROOT, env, timeout: 50_000 });
    expect(stdout).toBe(output);
  });
});
