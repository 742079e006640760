import { BASELINE, type Figure } from './figures.ts';

/** One goal of the engine in the scenario `small`. */
export interface Aim {
  readonly text: string;
  readonly measured: string;
  readonly met: boolean;
}

const MIN_SHARE_OF_CEILING = 0.8;
const MAX_LATENCY_ABOVE_MS = 0.5;
const MIN_TIMES_WORKERD = 10;

/** The aims these figures can decide: aims of contestants that did not run are left out. */
export function aimsOf(figures: readonly Figure[], lanes: number): Aim[] {
  const figure = (contestant: string, concurrency: number) =>
    figures.find((f) => f.scenario === 'small' && f.contestant === contestant && f.concurrency === concurrency);

  const aims: Aim[] = [];
  const ceiling = figure('isolated-vm', lanes);
  if (ceiling?.copepodRatio) {
    aims.push({
      text: `at least ${MIN_SHARE_OF_CEILING} of raw isolated-vm's throughput`,
      measured: ceiling.copepodRatio.toFixed(2),
      met: ceiling.copepodRatio >= MIN_SHARE_OF_CEILING,
    });
  }
  for (const concurrency of new Set([1, lanes])) {
    const ours = figure(BASELINE, concurrency);
    const raw = figure('isolated-vm', concurrency);
    if (!ours || !raw) continue;
    const aboveMs = ours.p50Ms - raw.p50Ms;
    aims.push({
      text: `p50 at most ${MAX_LATENCY_ABOVE_MS} ms above raw isolated-vm's, concurrency ${concurrency}`,
      measured: `${aboveMs.toFixed(2)} ms`,
      met: aboveMs <= MAX_LATENCY_ABOVE_MS,
    });
  }
  for (const name of ['workerd', 'workerd-load']) {
    const ratio = figure(name, lanes)?.copepodRatio;
    if (!ratio) continue;
    aims.push({
      text: `at least ${MIN_TIMES_WORKERD} times the throughput of ${name}`,
      measured: `${ratio.toFixed(1)} times`,
      met: ratio >= MIN_TIMES_WORKERD,
    });
  }
  return aims;
}
