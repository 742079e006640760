import { readFileSync } from 'node:fs';
import { afterAll, beforeAll } from '@jest/globals';
import {
  createRuntime,
  type ExecuteOptions,
  type ExecutionOutcome,
  type Runtime,
  type RuntimeOptions,
} from '../../../src/index.ts';
import { ownDescendants, parentOf } from '../../security/support/processes.ts';

export interface Engine {
  readonly runtime: Runtime;
  /** Runs a script to its end. */
  run(source: string, options?: ExecuteOptions & { name?: string }): Promise<ExecutionOutcome>;
  /** Runs a script that has to complete, and gives its result. */
  result(source: string, options?: ExecuteOptions & { name?: string }): Promise<unknown>;
}

/** One runtime for the tests of a file. */
export function engineForTests(options: RuntimeOptions = {}): Engine {
  let runtime: Runtime | undefined;
  beforeAll(async () => {
    runtime = createRuntime({ ...options, pool: { size: 1, ...options.pool } });
    await runtime.ready();
  });
  afterAll(async () => runtime?.close());

  const run: Engine['run'] = (source, { name, ...rest } = {}) =>
    engine.runtime.execute(name === undefined ? source : { source, name }, rest);
  const engine: Engine = {
    get runtime() {
      if (runtime === undefined) throw new Error('no test is running');
      return runtime;
    },
    run,
    result: async (source, rest) => {
      const outcome = await run(source, rest);
      if (outcome.reason !== 'Completed') throw outcome.error ?? new Error(outcome.reason);
      return outcome.result;
    },
  };
  return engine;
}

/** Processes that run scripts for runtimes in this process: what its zygotes have forked, but for what compiles. */
export function sandboxes(): number[] {
  return ownDescendants().filter((pid) => parentOf(pid) !== process.pid && nameOf(pid) === 'copepod-script');
}

/** Names of all processes that zygotes of this process have forked, in alphabetical order, each once. */
export function forkedNames(): string[] {
  const forked = ownDescendants().filter((pid) => parentOf(pid) !== process.pid);
  return [...new Set(forked.flatMap((pid) => nameOf(pid) ?? []))].sort();
}

/** The name that a zygote gives to what it forks; undefined where the process has ended. */
function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  } catch {
    return undefined;
  }
}

/** Whether a process with this id runs. */
export const isRunning = (pid: number): boolean => parentOf(pid) !== undefined;
