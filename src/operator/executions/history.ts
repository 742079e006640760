import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import type { ReconcileResult } from '../../kube/controller.ts';
import type { Store } from '../../kube/store.ts';
import type { ExecutionProjection } from './execution-projection.ts';

export interface HistoryParts {
  readonly runtimes: Store<KnownRuntime>;
  readonly executions: Store<ExecutionProjection>;
  /** Deletes an execution if it is unchanged. */
  readonly remove: (execution: ExecutionProjection) => Promise<void>;
}

/** Index of the executions' cache: finished executions by runtime and result. */
export const FINISHED = 'finished';
export type Ending = 'succeeded' | 'failed';
export const finishedKey = (runtime: string, ending: Ending): string => `${runtime} ${ending}`;

/** Deletions in parallel, and per sweep. */
const PARALLEL = 8;
const BATCH = 400;
/** Executions that finish one by one are swept together. */
export const SWEEP_AFTER_MS = 2000;

/** Deletes the oldest finished executions above a runtime's history limits. */
export class History {
  readonly #parts: HistoryParts;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** @param key of a ScriptRuntime */
  async sweep(key: string): Promise<ReconcileResult> {
    const { runtimes, executions, remove } = this.#parts;
    const runtime = runtimes.get(key);
    if (runtime === undefined) return undefined;
    const { successfulExecutionsHistoryLimit, failedExecutionsHistoryLimit } = runtime.spec;
    const limits = { succeeded: successfulExecutionsHistoryLimit, failed: failedExecutionsHistoryLimit } as const;
    let hasMore = false;
    for (const [ending, limit] of Object.entries(limits) as [Ending, number | undefined][]) {
      if (limit === undefined) continue;
      const finished = finishedKey(key, ending);
      if (executions.count(FINISHED, finished) <= limit) continue;
      const surplus = oldest([...executions.by(FINISHED, finished)], limit);
      hasMore ||= surplus.length > BATCH;
      const left = surplus.slice(0, BATCH);
      const removeNext = async (): Promise<void> => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) await remove(next);
      };
      await Promise.all(Array.from({ length: PARALLEL }, removeNext));
    }
    return hasMore ? { requeueAfterMs: 0 } : undefined;
  }
}

/** All but the newest `kept`, the oldest first. Pure. */
export function oldest(finished: readonly ExecutionProjection[], kept: number): ExecutionProjection[] {
  // RFC 3339 in UTC with microseconds sorts as text.
  const endedAt = ({ status }: ExecutionProjection): string => status.completionTime ?? '';
  return finished
    .toSorted((a, b) => (endedAt(a) < endedAt(b) ? -1 : endedAt(a) > endedAt(b) ? 1 : 0))
    .slice(0, Math.max(0, finished.length - kept));
}
