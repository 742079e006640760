import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const PROGRAM = fileURLToPath(new URL('./support/process-one.ts', import.meta.url));
const AS_PROCESS_ONE = ['--pid', '--fork', '--kill-child', '--mount-proc'];
/** More for a longer look: COPEPOD_REAPED_EXECUTIONS=1000. */
const EXECUTIONS = Number(process.env.COPEPOD_REAPED_EXECUTIONS ?? 60);

const canUnshare = spawnSync('unshare', [...AS_PROCESS_ONE, 'true']).status === 0;
const title = 'process 1 reaps what killed sandboxes and zygotes leave behind';

(canUnshare ? test : test.skip)(
  canUnshare ? title : `${title} (skipped: this user may not make a PID namespace)`,
  async () => {
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', PROGRAM, `${EXECUTIONS}`];
    const { stdout } = await promisify(execFile)('unshare', [...AS_PROCESS_ONE, ...node]);
    expect(JSON.parse(stdout)).toEqual({ pid: 1, finished: EXECUTIONS, zombies: 0, left: 0 });
  },
  60_000 + EXECUTIONS * 500,
);
