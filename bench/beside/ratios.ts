// Prints what `bench/beside/main.sh` measured of two builds, and their ratios.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableLines } from '../cluster/table.ts';

interface Results {
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

const FIGURES: readonly (readonly [string, (results: Results) => number | undefined])[] = [
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

const folder = process.argv[2] ?? '.';
const read = (build: string): Results[] =>
  readdirSync(folder)
    .filter((file) => file.startsWith(`${build}-`))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Results);

const [before, now] = [read('before'), read('now')];
const rows = FIGURES.flatMap(([title, figure]) => {
  const [a, b] = [before, now].map((results) => mean(results.map(figure).filter((value) => value !== undefined)));
  if (a === undefined || b === undefined) return [];
  return [[title, a.toFixed(2), b.toFixed(2), (b / a).toFixed(2)]];
});
console.log(tableLines([['means of all rounds', 'before', 'now', 'ratio'], ...rows], 2).join('\n'));

function mean(values: readonly number[] | undefined): number | undefined {
  return values === undefined || values.length === 0 ? undefined : values.reduce((a, b) => a + b) / values.length;
}
