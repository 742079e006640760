import type { ScriptRuntime } from '../../api/types.generated.ts';
import type { ValueSource } from '../../runtime/env/value-source.ts';
import type { RuntimeOptions } from '../../runtime/options.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { specOptions } from '../../runtime/spec-options.ts';
import { runtimeKey, type Task } from '../input/workload.ts';

/** The engine of one ScriptRuntime, with a place for each execution that it can run at once. */
export class Engine {
  readonly size: number;
  running = 0;
  /** Executions that have not ended. */
  remaining: number;
  readonly #options: RuntimeOptions;
  #runtime: Runtime | undefined;

  constructor(size: number, remaining: number, options: RuntimeOptions) {
    this.size = size;
    this.remaining = remaining;
    this.#options = options;
  }

  /** Started by the first execution that needs it. */
  get runtime(): Runtime {
    this.#runtime ??= new Runtime(this.#options);
    return this.#runtime;
  }

  async close(): Promise<void> {
    await this.#runtime?.close();
  }
}

/** The engines of tasks: one for each ScriptRuntime. None starts a process before it is used. */
export function enginesOf(tasks: readonly Task[], concurrency: number): Map<string, Engine> {
  const byRuntime = Map.groupBy(tasks, engineKey);
  return new Map(
    [...byRuntime].map(([key, [first, ...rest]]) => {
      const { runtime, implicitRuntime, values } = first as Task;
      const most = implicitRuntime ? concurrency : Math.min(concurrency, runtime.spec.pool.size);
      const size = Math.min(most, rest.length + 1);
      return [key, new Engine(size, rest.length + 1, engineOptions(runtime, size, values))];
    }),
  );
}

export const engineKey = ({ runtime }: Task): string => runtimeKey(runtime.metadata.namespace, runtime.metadata.name);

/** Of a ScriptRuntime's engine here: every process is started for an execution that waits, and none in reserve. */
function engineOptions({ spec }: ScriptRuntime, size: number, values: ValueSource): RuntimeOptions {
  const options = specOptions(spec);
  return {
    ...options,
    values,
    pool: { ...options.pool, size, lazy: true, spares: 0, seccomp: 'IfAvailable' },
    observer: { runsWithoutSeccomp: warn },
  };
}

let hasWarned = false;

/** On a laptop the scripts are the user's own: they run, and the user knows. */
function warn({ reason }: { readonly reason: string }): void {
  if (hasWarned) return;
  hasWarned = true;
  process.stderr.write(`copepod: warning: ${reason}: sandboxes run without a seccomp filter\n`);
}
