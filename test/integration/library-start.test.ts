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

test('a compiler is started by ready(), and not for a program that runs a script and ends', async () => {
  const program = `
    import { readFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const { createRuntime } = await import(${JSON.stringify(LIBRARY)});
    const zygotes = () => readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim().split(' ').length;
    const runtime = createRuntime({ pool: { size: 1 } });
    const { result } = await runtime.execute('1 + 1');
    const withoutReady = zygotes();
    await runtime.ready();
    for (let i = 0; i < 200 && zygotes() < 2; i++) await sleep(50);
    console.log(result, withoutReady, zygotes());
    await runtime.close();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stdout).toBe('2 1 2\n');
});
