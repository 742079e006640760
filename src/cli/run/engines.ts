import { parseDuration } from '../../api/duration.ts';
import { runtimeLimits } from '../../api/limits.ts';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import type { RuntimeOptions } from '../../runtime/options.ts';
import { Runtime } from '../../runtime/runtime.ts';
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
      const { runtime, implicitRuntime } = first as Task;
      const most = implicitRuntime ? concurrency : Math.min(concurrency, runtime.spec.pool.size);
      const size = Math.min(most, rest.length + 1);
      return [key, new Engine(size, rest.length + 1, engineOptions(runtime, size))];
    }),
  );
}

export const engineKey = ({ runtime }: Task): string => runtimeKey(runtime.metadata.namespace, runtime.metadata.name);

/** A ScriptRuntime as options of the engine. Pure. */
export function engineOptions({ spec }: ScriptRuntime, size: number): RuntimeOptions {
  const { pool, cache, limits, tenants } = spec;
  return {
    pool: {
      size,
      // Every process here is started for an execution that waits: one more in reserve would delay those.
      lazy: true,
      spares: 0,
      maxAgeMs: parseDuration(pool.maxAge),
      maxUses: pool.maxUses,
      healthIntervalMs: parseDuration(pool.healthInterval),
      tenantIsolation: pool.tenantIsolation,
    },
    cache,
    limits: runtimeLimits(limits),
    tenants: tenants ?? [],
  };
}
