import type { ScriptRuntime } from '../../api/types.generated.ts';
import { ContainedProcesses } from '../../runtime/contained-processes.ts';
import type { ValueSource } from '../../runtime/env/value-source.ts';
import type { RuntimeOptions } from '../../runtime/options.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { specOptions } from '../../runtime/spec-options.ts';
import { FEW_SLOTS } from '../../runtime/zygote.ts';
import { runtimeKey, type Task } from '../input/workload.ts';
import type { Inspection } from '../inspect/inspection.ts';
import { warnOf } from './first-processes.ts';

/** The engine of one ScriptRuntime, with a place for each execution that it can run at once. */
export class Engine {
  readonly size: number;
  running = 0;
  /** Executions that have not ended. */
  remaining: number;
  readonly #start: () => Runtime;
  #runtime: Runtime | undefined;

  constructor(size: number, remaining: number, start: () => Runtime) {
    this.size = size;
    this.remaining = remaining;
    this.#start = start;
  }

  /** Started by the first execution that needs it. */
  get runtime(): Runtime {
    this.#runtime ??= this.#start();
    return this.#runtime;
  }

  async close(): Promise<void> {
    await this.#runtime?.close();
  }
}

/**
 * The engines of tasks: one for each ScriptRuntime. None starts a process before it is used.
 * @param processes of the first engine that is used: each engine after it starts its own
 * @param inspection of a run under a debugger
 */
export function enginesOf(
  tasks: readonly Task[],
  concurrency: number,
  processes?: ContainedProcesses,
  inspection?: Inspection,
): Map<string, Engine> {
  const unused = processes === undefined ? [] : [processes];
  const byRuntime = Map.groupBy(tasks, engineKey);
  return new Map(
    [...byRuntime].map(([key, [first, ...rest]]) => {
      const { runtime, implicitRuntime, values } = first as Task;
      const most = implicitRuntime ? concurrency : Math.min(concurrency, runtime.spec.pool.size);
      const size = Math.min(most, rest.length + 1);
      const options = engineOptions(runtime, size, values);
      const start = (): Runtime =>
        inspection === undefined
          ? new Runtime(options, unused.pop())
          : inspectedRuntime(
              inspection,
              options,
              unused.pop() ?? new ContainedProcesses('IfAvailable', warnOf, FEW_SLOTS),
            );
      return [key, new Engine(size, rest.length + 1, start)];
    }),
  );
}

export const engineKey = ({ runtime }: Task): string => runtimeKey(runtime.metadata.namespace, runtime.metadata.name);

const inspectedRuntime = (
  { processes, finish, limits }: Inspection,
  options: RuntimeOptions,
  compilers: ContainedProcesses,
): Runtime => new Runtime({ ...options, limits: limits({ ...options.limits }) }, processes(compilers), finish);

/** Of a ScriptRuntime's engine here: every process is started for an execution that waits, and none in reserve. */
function engineOptions({ spec }: ScriptRuntime, size: number, values: ValueSource): RuntimeOptions {
  const options = specOptions(spec, values);
  return {
    ...options,
    pool: { ...options.pool, size, lazy: true, spares: 0, seccomp: 'IfAvailable' },
    observer: { runsWithoutSeccomp: ({ reason }) => warnOf(reason) },
  };
}
