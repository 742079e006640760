import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import type { Count } from '../counter.ts';
import type { InjectedFault } from '../faults/injector.ts';
import { reasonOf } from './conclusion.ts';

/** The human-readable summary of a round. */
export function summary(
  executions: readonly ScriptExecution[],
  countsOf: (uid: string) => readonly Count[],
  injected: readonly InjectedFault[],
): string {
  const counts = (execution: ScriptExecution): number => countsOf(execution.metadata.uid ?? '').length;
  return [
    `executions by reason:          ${tally(executions, reasonOf)}`,
    `  by attempts:                 ${tally(executions, ({ status }) => `${status.attempts ?? 0}`)}`,
    `  by how often counted:        ${tally(executions, (each) => `${counts(each)}`)}`,
    `  by both:                     ${tally(executions, (each) => `${reasonOf(each)} counted ${counts(each)}x`)}`,
    `longest from created to ended: ${longest(executions, ({ status }) => status.completionTime)}`,
    `  to its last attempt's claim: ${longest(executions, ({ status }) => status.claim?.claimTime)}`,
    'faults:',
    ...counted(injected.map(({ what }) => what)).map(([what, count]) => `  ${String(count).padStart(4)}  ${what}`),
  ].join('\n');
}

function counted(texts: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}

function tally(executions: readonly ScriptExecution[], of: (execution: ScriptExecution) => string): string {
  return counted(executions.map(of))
    .map(([what, count]) => `${what}: ${count}`)
    .join(', ');
}

function longest(
  executions: readonly ScriptExecution[],
  end: (execution: ScriptExecution) => string | undefined,
): string {
  const took = executions.flatMap((execution) => {
    const to = Date.parse(end(execution) ?? '');
    const ms = to - Date.parse(execution.metadata.creationTimestamp ?? '');
    return Number.isFinite(ms) ? [{ name: execution.metadata.name, ms }] : [];
  });
  const [first] = took.sort((one, other) => other.ms - one.ms);
  const median = took[Math.floor(took.length / 2)];
  if (first === undefined || median === undefined) return 'none';
  return `${(first.ms / 1000).toFixed(1)} s (${first.name}); half of them took less than ${(median.ms / 1000).toFixed(1)} s`;
}
