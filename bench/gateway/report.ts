import type { Measurement } from '../measure.ts';
import { median } from '../statistics.ts';

/** One measurement in one round. */
export interface GatewayEntry extends Measurement {
  readonly contestant: string;
  readonly round: number;
}

/** Throughput of a contestant as a multiple of another's. */
const AIMS = [
  { ours: 'gateway', theirs: 'copepod', atLeast: 0.5, text: 'Execute: at least 0.5 of the engine used directly' },
  { ours: 'gateway', theirs: 'workerd', atLeast: 5, text: "Execute: at least 5 times workerd's worker loader" },
  { ours: 'endpoint', theirs: 'workerd', atLeast: 5, text: "endpoint, None: at least 5 times workerd's worker loader" },
  {
    ours: 'endpoint-module',
    theirs: 'workerd-plain',
    atLeast: 0.35,
    text: "endpoint, Module: at least 0.35 of workerd's plain worker",
  },
] as const;

/** The figures of one concurrency: medians of the rounds. Pure. */
export function tableText(entries: readonly GatewayEntry[], concurrency: number): string {
  const groups = Map.groupBy(
    entries.filter((entry) => entry.concurrency === concurrency),
    ({ contestant }) => contestant,
  );
  const head = ['', 'per second', 'p50 ms', 'p99 ms', 'peak MB', 'Execute is', 'Module is'];
  const rows = [...groups].map(([contestant, group]) => {
    const of = (key: 'perSecond' | 'p50Ms' | 'p99Ms' | 'peakResidentBytes') => median(group.map((entry) => entry[key]));
    return [
      contestant,
      of('perSecond').toFixed(0),
      of('p50Ms').toFixed(2),
      of('p99Ms').toFixed(2),
      (of('peakResidentBytes') / 1e6).toFixed(0),
      ratioText(ratioOf(entries, 'gateway', contestant, concurrency)),
      ratioText(ratioOf(entries, 'endpoint-module', contestant, concurrency)),
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
  const lines = AIMS.flatMap(({ ours, theirs, atLeast, text }) => {
    const ratio = ratioOf(entries, ours, theirs, concurrency);
    if (ratio === undefined) return [];
    return [`  ${ratio >= atLeast ? 'met    ' : 'not met'}  ${text}: ${ratio.toFixed(2)}`];
  });
  return lines.length === 0 ? '' : `Aims, ${concurrency} at once:\n${lines.join('\n')}`;
}

/** One contestant's throughput divided by another's: the median of the rounds' ratios, so that drift cancels out. */
function ratioOf(
  entries: readonly GatewayEntry[],
  ours: string,
  theirs: string,
  concurrency: number,
): number | undefined {
  const of = (name: string): GatewayEntry[] =>
    entries.filter((entry) => entry.contestant === name && entry.concurrency === concurrency);
  const ratios = of(theirs).flatMap((entry) => {
    const own = of(ours).find(({ round }) => round === entry.round);
    return own ? [own.perSecond / entry.perSecond] : [];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

const ratioText = (ratio: number | undefined): string => (ratio === undefined ? '' : `${ratio.toFixed(2)} x`);
