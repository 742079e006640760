import type { Aim } from '../aims.ts';
import type { Sample } from '../statistics.ts';
import { peakBytes } from './aims.ts';
import { type Contestant, type Figure, figureOf } from './figures.ts';
import type { RequestCounts } from './request-counts.ts';
import { tableLines } from './table.ts';

const TITLES: Readonly<Record<Contestant, string>> = {
  raw: 'raw API server: create + 2 status writes',
  operator: 'copepod',
  'operator-present': 'copepod, many finished present',
  jobs: 'Jobs with node',
};

/** Requests below this rate per execution are not shown. */
const LEAST_SHOWN = 0.05;

/** One row per contestant and load, with the operator's figures in comparison. */
export function figuresTable(figures: readonly Figure[]): string {
  const head = ['', 'at once', 'executions', 'per second', 'p50 ms', 'p99 ms', 'creates/s', 'operator MB', 'ratio'];
  const rows = figures.map((figure) => {
    const { contestant, sample, createsPerSecond, memory } = figure;
    return [
      TITLES[contestant],
      String(sample.concurrency),
      String(sample.executions),
      digits(sample.perSecond),
      digits(sample.p50Ms),
      digits(sample.p99Ms),
      createsPerSecond ? digits(createsPerSecond) : '',
      memory && peakBytes(memory) > 0 ? (peakBytes(memory) / 1e6).toFixed(0) : '',
      comparison(figure, figures),
    ];
  });
  return `${tableLines([head, ...rows]).join('\n')}\n`;
}

/** The parts of an execution's duration: one column of p50 and p99 per figure that has them. */
export function stepsTable(figures: readonly Figure[]): string {
  const told = figures.filter(({ steps }) => steps && steps.length > 0);
  if (told.length === 0) return '';
  const names = [...new Set(told.flatMap(({ steps = [] }) => steps.map(({ name }) => name)))];
  const rows = names.map((name) => {
    const cells = told.map(({ steps = [] }) => {
      const step = steps.find((each) => each.name === name);
      return step ? `${digits(step.p50Ms)} / ${digits(step.p99Ms)}` : '';
    });
    return [name, ...cells];
  });
  const lines = tableLines([['p50 / p99 ms', ...told.map(columnTitle)], ...rows]);
  return `Where the time goes:\n${lines.join('\n')}\n`;
}

/** Requests per execution; `of` selects the counts of a figure. Empty if no figure has any. */
export function requestsTable(
  title: string,
  figures: readonly Figure[],
  of: (figure: Figure) => RequestCounts | undefined,
): string {
  const told = figures.flatMap((figure) => {
    const counts = of(figure);
    return figure.requests && counts ? [{ figure, counts, executions: figure.requests.executions }] : [];
  });
  if (told.length === 0) return '';
  const shown = told.flatMap(({ counts, executions }) =>
    [...counts].filter(([, count]) => count / executions >= LEAST_SHOWN).map(([key]) => key),
  );
  const rows = [...new Set(shown)].map((key) => [
    key,
    ...told.map(({ counts, executions }) => ((counts.get(key) ?? 0) / executions).toFixed(2)),
  ]);
  const lines = tableLines([['an execution', ...told.map(({ figure }) => columnTitle(figure))], ...rows]);
  return `${title}:\n${lines.join('\n')}\n`;
}

export function aimsText(aims: readonly Aim[]): string {
  if (aims.length === 0) return '';
  const lines = tableLines(
    aims.map(({ met, text, measured }) => [met ? 'met' : 'not met', text, measured]),
    3,
  );
  return `Aims:\n${lines.join('\n')}\n`;
}

/** Throughput at concurrency, p50 for sequential executions. */
function comparison({ contestant, load, sample }: Figure, figures: readonly Figure[]): string {
  const ours = figureOf(figures, 'operator', load)?.sample;
  if (!ours || contestant === 'operator') return '';
  const times = (one: Sample, other: Sample): string =>
    load === 'at-once'
      ? `${digits(one.perSecond / other.perSecond)} x per second`
      : `${digits(other.p50Ms / one.p50Ms)} x as fast`;
  return contestant === 'operator-present' ? `${times(sample, ours)} as with none` : `copepod ${times(ours, sample)}`;
}

function columnTitle({ contestant, load, sample }: Figure): string {
  const present = contestant === 'operator-present' ? ', present' : '';
  return `${load === 'alone' ? 'one at a time' : `${sample.concurrency} at once`}${present}`;
}

function digits(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
