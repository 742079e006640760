import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { loadedFiles, NAMING_MODULES } from './support/loaded-modules.ts';

const LIBRARY = new URL('../../dist/index.js', import.meta.url).href;

/** Its own, and what finds the addons. */
const MAX_FILES = 15;

test('a program that runs a script loads few files, and no package that reads YAML or CEL', async () => {
  const program = `
    const { createRuntime } = await import(${JSON.stringify(LIBRARY)});
    const runtime = createRuntime({ pool: { size: 1, lazy: true, spares: 0 } });
    console.log((await runtime.execute('1 + 1')).result);
    await runtime.close();
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, NODE_OPTIONS: NAMING_MODULES },
  });
  expect(stdout).toBe('2\n');
  const files = loadedFiles(stderr);
  expect(files).toContain(LIBRARY);
  expect(files.filter((url) => /node_modules\/(yaml|@marcbachmann|undici)\//.test(url))).toEqual([]);
  expect(files.length).toBeLessThanOrEqual(MAX_FILES);
});
