/** One measurement of one contestant. */
export interface Sample {
  readonly concurrency: number;
  readonly executions: number;
  readonly elapsedMs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function summarise(concurrency: number, elapsedMs: number, latenciesMs: readonly number[]): Sample {
  const sorted = Float64Array.from(latenciesMs).sort();
  return {
    concurrency,
    executions: sorted.length,
    elapsedMs,
    perSecond: (sorted.length / elapsedMs) * 1000,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
  };
}

/** The nearest-rank quantile of ascending numbers; NaN for an empty list. */
export function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
