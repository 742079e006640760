import type { ScriptRuntime } from '../../api/types.generated.ts';
import type { ContainedProcesses } from '../../runtime/contained-processes.ts';
import type { ValueSource } from '../../runtime/env/value-source.ts';
import type { RuntimeOptions } from '../../runtime/options.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { specOptions } from '../../runtime/spec-options.ts';
import { runtimeKey, type Task } from '../input/workload.ts';
import { warnOf } from './first-processes.ts';

/** The engine of one ScriptRuntime, with a place for each execution that it can run at once. */
export class Engine {
  readonly size: number;
  running = 0;
  /** Executions that have not ended. */
  remaining: number;
  readonly #options: RuntimeOptions;
  readonly #takeProcesses: TakeProcesses;
  #runtime: Runtime | undefined;

  constructor(size: number, remaining: number, options: RuntimeOptions, takeProcesses: TakeProcesses) {
    this.size = size;
    this.remaining = remaining;
    this.#options = options;
    this.#takeProcesses = takeProcesses;
  }

  /** Started by the first execution that needs it. */
  get runtime(): Runtime {
    this.#runtime ??= new Runtime(this.#options, this.#takeProcesses());
    return this.#runtime;
  }

  async close(): Promise<void> {
    await this.#runtime?.close();
  }
}

/** Gives the first engine what has begun to start sandboxes; each engine after it starts its own. */
type TakeProcesses = () => ContainedProcesses | undefined;

/**
 * The engines of tasks: one for each ScriptRuntime. None starts a process before it is used.
 * @param processes of the first engine that is used
 */
export function enginesOf(
  tasks: readonly Task[],
  concurrency: number,
  processes?: ContainedProcesses,
): Map<string, Engine> {
  const unused = processes === undefined ? [] : [processes];
  const byRuntime = Map.groupBy(tasks, engineKey);
  return new Map(
    [...byRuntime].map(([key, [first, ...rest]]) => {
      const { runtime, implicitRuntime, values } = first as Task;
      const most = implicitRuntime ? concurrency : Math.min(concurrency, runtime.spec.pool.size);
      const size = Math.min(most, rest.length + 1);
      return [key, new Engine(size, rest.length + 1, engineOptions(runtime, size, values), () => unused.pop())];
    }),
  );
}

export const engineKey = ({ runtime }: Task): string => runtimeKey(runtime.metadata.namespace, runtime.metadata.name);

/** Of a ScriptRuntime's engine here: every process is started for an execution that waits, and none in reserve. */
function engineOptions({ spec }: ScriptRuntime, size: number, values: ValueSource): RuntimeOptions {
  const options = specOptions(spec, values);
  return {
    ...options,
    pool: { ...options.pool, size, lazy: true, spares: 0, seccomp: 'IfAvailable' },
    observer: { runsWithoutSeccomp: ({ reason }) => warnOf(reason) },
  };
}
