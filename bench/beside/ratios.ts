// Prints what `bench/beside/main.sh` measured of two builds, and their ratios.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableLines } from '../cluster/table.ts';
import { MOMENTS, type Moment } from '../from-zero/moments.ts';
import { type Figures as FromZero, medianAt, ratioOf } from '../from-zero/report.ts';

interface Overload {
  readonly parts: {
    readonly fairness?: { readonly figures?: FairnessFigures };
    readonly shares?: { readonly figures?: { readonly index: number; readonly perSecond: number } };
  };
}

interface FairnessFigures {
  /** The first phase is the constant load alone, the second beside the flood. */
  readonly phases: readonly {
    readonly latency: { readonly p50Ms: number; readonly p99Ms: number };
    readonly times: { readonly p50: number; readonly p99: number };
  }[];
  readonly floods: readonly { readonly perSecond: number }[];
}

type Figure<T> = readonly [title: string, of: (results: T) => number | undefined];

const OF_OVERLOAD: readonly Figure<Overload>[] = [
  ['flood: executions a second', ({ parts }) => mean(parts.fairness?.figures?.floods.map((flood) => flood.perSecond))],
  ['neighbour alone: p50 in ms', ({ parts }) => parts.fairness?.figures?.phases[0]?.latency.p50Ms],
  ['neighbour beside the flood: p50 in ms', ({ parts }) => parts.fairness?.figures?.phases[1]?.latency.p50Ms],
  [
    'neighbour beside the flood: p50, times that of alone',
    ({ parts }) => parts.fairness?.figures?.phases[1]?.times.p50,
  ],
  [
    'neighbour beside the flood: p99, times that of alone',
    ({ parts }) => parts.fairness?.figures?.phases[1]?.times.p99,
  ],
  ['equal namespaces: executions a second of all', ({ parts }) => parts.shares?.figures?.perSecond],
  ["equal namespaces: Jain's index", ({ parts }) => parts.shares?.figures?.index],
];

/** Medians in milliseconds since the create. */
const OF_FROM_ZERO: readonly Figure<FromZero>[] = [
  ...(Object.keys(MOMENTS) as Moment[]).map(
    (moment): Figure<FromZero> => [`from zero: ${MOMENTS[moment]}`, ({ fromZero }) => medianAt(fromZero, moment)],
  ),
  ['bare pod: Ready', ({ barePod }) => medianAt(barePod, 'end')],
  ['from zero, times a bare pod', ratioOf],
];

const [, , bench, folder = '.'] = process.argv;
const rows = bench === 'from-zero' ? rowsOf(OF_FROM_ZERO) : rowsOf(OF_OVERLOAD);
console.log(tableLines([['means of all rounds', 'before', 'now', 'ratio'], ...rows], 2).join('\n'));

function rowsOf<T>(figures: readonly Figure<T>[]): string[][] {
  const [before, now] = [resultsOf<T>('before'), resultsOf<T>('now')];
  return figures.flatMap(([title, of]) => {
    const [a, b] = [mean(before.map(of)), mean(now.map(of))];
    return a === undefined || b === undefined ? [] : [[title, a.toFixed(2), b.toFixed(2), (b / a).toFixed(2)]];
  });
}

function resultsOf<T>(build: string): T[] {
  const files = readdirSync(folder).filter((file) => file.startsWith(`${build}-`));
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T);
}

/** Undefined if there are none: a bench does not have to measure all figures. */
function mean(values: readonly (number | undefined)[] | undefined): number | undefined {
  const known = values?.filter((value) => value !== undefined).filter((value) => !Number.isNaN(value)) ?? [];
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b) / known.length;
}
