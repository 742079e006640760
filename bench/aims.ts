import { BASELINE, type Figure } from './figures.ts';

/** One goal of the engine. */
export interface Aim {
  readonly text: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Throughput of copepod as a multiple of a contestant's. */
const RATIOS: readonly (readonly [scenario: string, contestant: string, least: number])[] = [
  ['small', 'isolated-vm', 0.75],
  ['compute', 'isolated-vm', 0.9],
  ['small', 'workerd', 10],
  ['small', 'workerd-load', 10],
  ['small', 'copepod-4565aa1', 0.97],
  ['large-cached', 'copepod-4565aa1', 0.97],
  ['large-cold', 'copepod-4565aa1', 15],
  ['large-cold', 'isolated-vm', 0.5],
  ['megabyte-cold', 'isolated-vm', 0.5],
  ['tenants', 'copepod-4565aa1', 10],
  ['tenants', 'workerd-load', 0.7],
];
const MAX_LATENCY_ABOVE_MS = 0.3;
const MAX_UNSEEN_MS = { p50Ms: 12, p99Ms: 30 };

/** The aims these figures can decide: aims of contestants that did not run are left out. */
export function aimsOf(figures: readonly Figure[], lanes: number): Aim[] {
  const figure = (scenario: string, contestant: string, concurrency = lanes) =>
    figures.find((f) => f.scenario === scenario && f.contestant === contestant && f.concurrency === concurrency);

  const aims: Aim[] = [];
  for (const [scenario, contestant, least] of RATIOS) {
    const ratio = figure(scenario, contestant)?.copepodRatio;
    if (!ratio) continue;
    aims.push({
      text: `${scenario}: at least ${least} of the throughput of ${contestant}`,
      measured: ratio.toFixed(2),
      met: ratio >= least,
    });
  }
  for (const concurrency of new Set([1, lanes])) {
    const ours = figure('small', BASELINE, concurrency);
    const raw = figure('small', 'isolated-vm', concurrency);
    if (!ours || !raw) continue;
    const aboveMs = ours.p50Ms - raw.p50Ms;
    aims.push({
      text: `small: p50 at most ${MAX_LATENCY_ABOVE_MS} ms above isolated-vm's, concurrency ${concurrency}`,
      measured: `${aboveMs.toFixed(2)} ms`,
      met: aboveMs <= MAX_LATENCY_ABOVE_MS,
    });
  }
  const first = figure('unseen', BASELINE);
  for (const [key, most] of Object.entries(MAX_UNSEEN_MS) as [keyof typeof MAX_UNSEEN_MS, number][]) {
    if (first === undefined) continue;
    aims.push({
      text: `unseen: ${key.slice(0, 3)} at most ${most} ms`,
      measured: `${first[key].toFixed(1)} ms`,
      met: first[key] <= most,
    });
  }
  return aims;
}
