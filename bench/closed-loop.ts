import { type Sample, summarise } from './statistics.ts';
import { verify, type Workload } from './workload.ts';

/** Runs one script in fresh state and returns its result as JSON. */
export type Execute = (workload: Workload, index: number) => Promise<string | undefined>;

export interface Load {
  readonly concurrency: number;
  readonly durationMs: number;
}

/** Each index is used once per process, so that scripts that must be uncached are new. */
let nextIndex = 0;

/** Keeps `concurrency` executions in flight for `durationMs`; each starts when the one before it finishes. */
export async function closedLoop(execute: Execute, workload: Workload, load: Load): Promise<Sample> {
  const latenciesMs: number[] = [];
  const start = performance.now();
  const turn = async () => {
    while (performance.now() - start < load.durationMs) {
      const index = nextIndex++;
      const before = performance.now();
      const result = await execute(workload, index);
      if (workload.measured?.(index) ?? true) latenciesMs.push(performance.now() - before);
      verify(workload, index, result);
    }
  };
  await Promise.all(Array.from({ length: load.concurrency }, turn));
  return summarise(load.concurrency, performance.now() - start, latenciesMs);
}
