/**
 * A program that embeds a runtime as process 1, which inherits what its zygotes leave behind. Kills sandboxes and zygotes
 * while executions run, and prints which processes are there in the end. Its argument is the number of executions.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRuntime } from '../../../src/index.ts';

interface Process {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== '1')
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(name), state, parent: Number(parent) }];
      } catch {
        return []; // gone meanwhile
      }
    });
}

const alive = (): Process[] => processes().filter(({ state }) => state !== 'Z');
const kill = (victims: readonly Process[], at: number): void => {
  const victim = victims[at % victims.length];
  if (victim !== undefined) process.kill(victim.pid, 'SIGKILL');
};

const runtime = createRuntime({ pool: { size: 2 } });
await runtime.ready();
const executions = Number(process.argv[2]);
let finished = 0;
for (let i = 0; i < executions; i++) {
  const outcome = runtime.execute('1', { tenantKey: `tenant-${i % 5}` });
  kill(
    alive().filter(({ parent }) => parent !== 1),
    i,
  );
  if (i % 20 === 10)
    kill(
      alive().filter(({ parent }) => parent === 1),
      i,
    );
  await outcome;
  finished++;
}
for (let i = 0; i < 100 && processes().some(({ state }) => state === 'Z'); i++) await sleep(50);
const zombies = processes().filter(({ state }) => state === 'Z').length;
await runtime.close();
for (let i = 0; i < 100 && processes().length > 0; i++) await sleep(50);
process.stdout.write(JSON.stringify({ pid: process.pid, finished, zombies, left: processes().length }));
