import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const fileOf = (program: string): string => fileURLToPath(new URL(`./support/${program}`, import.meta.url));
const AS_PROCESS_ONE = ['--pid', '--fork', '--kill-child', '--mount-proc'];
/** More for a longer look: COPEPOD_REAPED_EXECUTIONS=1000. */
const EXECUTIONS = Number(process.env.COPEPOD_REAPED_EXECUTIONS ?? 60);

const canUnshare = spawnSync('unshare', [...AS_PROCESS_ONE, 'true']).status === 0;
const testIfPossible = canUnshare ? test : test.skip;
const why = canUnshare ? '' : ' (skipped: this user may not make a PID namespace)';

/** What a program prints that runs as process 1. */
async function outputOf(program: string, ...args: string[]): Promise<unknown> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', fileOf(program), ...args];
  const { stdout } = await promisify(execFile)('unshare', [...AS_PROCESS_ONE, ...node]);
  return JSON.parse(stdout);
}

testIfPossible(
  `process 1 reaps what killed sandboxes and zygotes leave behind${why}`,
  async () => {
    const printed = await outputOf('process-one.ts', `${EXECUTIONS}`);
    expect(printed).toEqual({ pid: 1, finished: EXECUTIONS, zombies: 0, left: 0 });
  },
  60_000 + EXECUTIONS * 500,
);

testIfPossible(
  `process 1 hears of the ends of its own processes while it reaps${why}`,
  async () => {
    expect(await outputOf('process-one-children.ts')).toEqual({ heard: 10 });
  },
  60_000,
);
