import { quantile } from '../statistics.ts';
import type { Run } from './load-generator.ts';

export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** From when an execution was due to its end, as seen in the watch. */
export function latencyOf(runs: readonly Run[]): Latency {
  return quantilesOf(runs.map(({ dueMs, endMs }) => endMs - dueMs));
}

/** From the create to the script's start, for executions that report it. */
export function waitingOf(runs: readonly Run[]): Latency {
  return quantilesOf(runs.flatMap(({ waitedMs }) => (waitedMs === undefined ? [] : [waitedMs])));
}

function quantilesOf(values: readonly number[]): Latency {
  const sorted = Float64Array.from(values).sort();
  return {
    count: sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: quantile(sorted, 1),
  };
}
