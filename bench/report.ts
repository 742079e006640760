import type { Aim } from './aims.ts';
import type { Figure } from './figures.ts';
import type { Scenario } from './workload.ts';

const COLUMNS: readonly (readonly [title: string, cell: (figure: Figure) => string])[] = [
  ['contestant', (f) => f.contestant],
  ['at once', (f) => String(f.concurrency)],
  ['per second', (f) => digits(f.perSecond)],
  ['p50 ms', (f) => f.p50Ms.toFixed(2)],
  ['p99 ms', (f) => f.p99Ms.toFixed(2)],
  ['peak MB', (f) => (f.peakResidentBytes / 1e6).toFixed(0)],
  ['copepod is', (f) => (f.copepodRatio === null ? '' : `${f.copepodRatio.toFixed(2)} x`)],
];

/** The table of one scenario, first column left-aligned, numbers right-aligned. */
export function tableOf(scenario: Scenario, figures: readonly Figure[]): string {
  const rows = [COLUMNS.map(([title]) => title), ...figures.map((figure) => COLUMNS.map(([, cell]) => cell(figure)))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${scenario.name}: ${scenario.title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

export function aimsText(aims: readonly Aim[]): string {
  const width = Math.max(...aims.map(({ text }) => text.length));
  const lines = aims.map(
    ({ text, measured, met }) => `  ${met ? 'met    ' : 'not met'}  ${text.padEnd(width)}  ${measured}`,
  );
  return `Aims:\n${lines.join('\n')}\n`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
