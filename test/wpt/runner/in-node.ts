import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Results } from './around.ts';
import { THE_FILE } from './tally.ts';

const CHILD = join(import.meta.dirname, 'node-child.ts');

/**
 * Runs a program in a process of Node of its own.
 * @param timeoutMs within which it gives its results
 */
export async function runInNode(program: string, timeoutMs: number): Promise<Results> {
  const child = spawn(process.execPath, ['--no-warnings', CHILD], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    timeout: timeoutMs + 100_000,
    killSignal: 'SIGKILL',
  });
  child.stdin?.on('error', () => {});
  child.stdin?.end(program);
  const [answer, errors] = await Promise.all([text(child.stdio[3] as never), text(child.stderr as never)]);
  if (answer !== '') return JSON.parse(answer) as Results;
  return { passed: 0, failed: [[THE_FILE, errors.slice(-300)]] };
}
