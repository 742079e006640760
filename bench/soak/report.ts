import type { Quarters } from './memory-watch.ts';
import type { PhaseReport } from './phase.ts';

const MAX_VIOLATIONS_SHOWN = 20;

/** The figures of one phase, as text. */
export function reportOf(phase: PhaseReport): string {
  const { violations } = phase;
  const lines = [
    [
      'executions',
      `${phase.executions} in ${phase.seconds.toFixed(0)} s, ${(phase.executions / phase.seconds).toFixed(0)}/s`,
    ],
    ['outcomes', list(phase.reasons)],
    ['scripts', list(phase.kinds)],
    [
      'good citizens',
      `p50 ${phase.benignP50Ms.toFixed(1)} ms, p99 ${phase.benignP99Ms.toFixed(1)} ms, from start to end`,
    ],
    ['longest overrun', `${Math.max(0, phase.longestOverrunMs)} ms past a time-out`],
    ['isolates, processes', `${phase.isolates}, ${phase.processes}`],
    ['supervisor, collected', quarters(phase.supervisor)],
    ['a child, in the mean', quarters(phase.children)],
    ['largest child', `${megabytes(phase.largestChildBytes)}; at most ${phase.mostChildren} at once`],
    [
      'left behind',
      `${phase.after.children - phase.before.children} processes, ${phase.after.fileDescriptors - phase.before.fileDescriptors} file descriptors`,
    ],
    ['violations', String(violations.length)],
  ];
  const shown = violations.slice(0, MAX_VIOLATIONS_SHOWN).map((text) => `    ${text}`);
  if (violations.length > shown.length) shown.push(`    and ${violations.length - shown.length} more`);
  return [
    `${phase.isolation}:`,
    ...lines.map(([name = '', text]) => `  ${name.padEnd(22)} ${text}`),
    ...shown,
    '',
  ].join('\n');
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function quarters({ firstBytes, lastBytes }: Quarters): string {
  if (Number.isNaN(lastBytes)) return `${megabytes(firstBytes)} in the first quarter; the last was not reached`;
  return `${megabytes(firstBytes)} in the first quarter, ${megabytes(lastBytes)} in the last (medians)`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
