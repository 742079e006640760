import { type Sample, summarise } from './statistics.ts';
import { verify, type Workload } from './workload.ts';

/** Runs one script in fresh state and gives its result as JSON. */
export type Execute = (workload: Workload, index: number) => Promise<string | undefined>;

export interface Load {
  readonly concurrency: number;
  readonly durationMs: number;
}

/** Indices are used once in the life of a process: a source that must be cold has never been seen. */
let nextIndex = 0;

/** Keeps `concurrency` executions under way for `durationMs`, each started when the one before it has ended. */
export async function closedLoop(execute: Execute, workload: Workload, load: Load): Promise<Sample> {
  const latenciesMs: number[] = [];
  const start = performance.now();
  const turn = async () => {
    while (performance.now() - start < load.durationMs) {
      const index = nextIndex++;
      const before = performance.now();
      const result = await execute(workload, index);
      latenciesMs.push(performance.now() - before);
      verify(workload, index, result);
    }
  };
  await Promise.all(Array.from({ length: load.concurrency }, turn));
  return summarise(load.concurrency, performance.now() - start, latenciesMs);
}
