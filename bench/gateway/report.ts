import type { Measurement } from '../measure.ts';
import { median } from '../statistics.ts';

/** One measurement in one round. */
export interface GatewayEntry extends Measurement {
  readonly contestant: string;
  readonly round: number;
}

/** What the gateway is meant to reach, as a multiple of another contestant's throughput. */
const AIMS = [
  { contestant: 'copepod', atLeast: 0.5, text: 'of the engine used directly' },
  { contestant: 'workerd', atLeast: 5, text: "of workerd's worker loader" },
] as const;

/** The figures of one concurrency: medians of the rounds. Pure. */
export function tableText(entries: readonly GatewayEntry[], concurrency: number): string {
  const groups = Map.groupBy(
    entries.filter((entry) => entry.concurrency === concurrency),
    ({ contestant }) => contestant,
  );
  const head = ['', 'per second', 'p50 ms', 'p99 ms', 'peak MB', 'gateway is'];
  const rows = [...groups].map(([contestant, group]) => {
    const of = (key: 'perSecond' | 'p50Ms' | 'p99Ms' | 'peakResidentBytes') => median(group.map((entry) => entry[key]));
    return [
      contestant,
      of('perSecond').toFixed(0),
      of('p50Ms').toFixed(2),
      of('p99Ms').toFixed(2),
      (of('peakResidentBytes') / 1e6).toFixed(0),
      ratioText(ratioOf(entries, contestant, concurrency)),
    ];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${concurrency} at once:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

/** The aims, and whether they are met. Pure. */
export function ratiosText(entries: readonly GatewayEntry[], concurrency: number): string {
  const lines = AIMS.flatMap(({ contestant, atLeast, text }) => {
    const ratio = ratioOf(entries, contestant, concurrency);
    if (ratio === undefined) return [];
    return [`  ${ratio >= atLeast ? 'met    ' : 'not met'}  at least ${atLeast} ${text}: ${ratio.toFixed(2)}`];
  });
  return lines.length === 0 ? '' : `Aims, ${concurrency} at once:\n${lines.join('\n')}`;
}

/** The gateway's throughput divided by another's: the median of the rounds' ratios, so that drift cancels out. */
function ratioOf(entries: readonly GatewayEntry[], contestant: string, concurrency: number): number | undefined {
  const at = entries.filter((entry) => entry.concurrency === concurrency);
  const ratios = at.flatMap((entry) => {
    const gateway = at.find((other) => other.contestant === 'gateway' && other.round === entry.round);
    return entry.contestant === contestant && gateway ? [gateway.perSecond / entry.perSecond] : [];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

const ratioText = (ratio: number | undefined): string => (ratio === undefined ? '' : `${ratio.toFixed(2)} x`);
