import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const PROGRAM = fileURLToPath(new URL('./support/few-files.ts', import.meta.url));
const run = promisify(execFile);

test('a supervisor that may open too few files says so and goes on', async () => {
  const { stdout } = await run('sh', ['-c', 'ulimit -n 100; exec "$0" "$1"', process.execPath, PROGRAM], {
    env: { PATH: process.env.PATH },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  expect(JSON.parse(stdout)).toEqual({
    reason: 'SandboxLost',
    message: expect.stringContaining('too many files are open in this process'),
  });
}, 70_000);
