import type { Measurement } from './measure.ts';
import { median } from './statistics.ts';

/** One measurement in one round. */
export interface Entry extends Measurement {
  readonly scenario: string;
  readonly contestant: string;
  readonly round: number;
}

/** Medians over all rounds of one contestant in one scenario at one concurrency. */
export interface Figure {
  readonly scenario: string;
  readonly contestant: string;
  readonly concurrency: number;
  readonly executions: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly peakResidentBytes: number;
  /**
   * Throughput of copepod divided by this contestant's: the median of the rounds' ratios, so that drift cancels out.
   */
  readonly copepodRatio: number | null;
}

export const BASELINE = 'copepod';

export function figuresOf(entries: readonly Entry[]): Figure[] {
  const groups = Map.groupBy(entries, (e) => `${e.scenario} ${e.contestant} ${e.concurrency}`);
  return [...groups.values()].map((group) => {
    const { scenario, contestant, concurrency } = group[0] as Entry;
    const of = (key: 'perSecond' | 'p50Ms' | 'p99Ms' | 'peakResidentBytes') => median(group.map((entry) => entry[key]));
    const ratios = group.flatMap((entry) => {
      const baseline = find(entries, { ...entry, contestant: BASELINE });
      return baseline ? [baseline.perSecond / entry.perSecond] : [];
    });
    return {
      scenario,
      contestant,
      concurrency,
      executions: group.reduce((sum, entry) => sum + entry.executions, 0),
      perSecond: of('perSecond'),
      p50Ms: of('p50Ms'),
      p99Ms: of('p99Ms'),
      peakResidentBytes: of('peakResidentBytes'),
      copepodRatio: ratios.length > 0 ? median(ratios) : null,
    };
  });
}

function find(entries: readonly Entry[], key: Entry): Entry | undefined {
  return entries.find(
    (e) =>
      e.scenario === key.scenario &&
      e.contestant === key.contestant &&
      e.concurrency === key.concurrency &&
      e.round === key.round,
  );
}
