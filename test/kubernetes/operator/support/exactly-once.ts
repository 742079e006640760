import { expect } from '@jest/globals';
import type { ScriptExecution } from '../../../../src/api/types.generated.ts';
import { reasonOf } from './executions.ts';
import type { Journal } from './journal.ts';

/** Executions by number of script starts and reason: `1 Completed`. Each runs a script with its own name as label. */
export function tally(executions: readonly ScriptExecution[], journal: Journal): Record<string, number> {
  const runs = new Map<string, number>();
  for (const label of journal.ran()) runs.set(label, (runs.get(label) ?? 0) + 1);
  const counts: Record<string, number> = {};
  for (const execution of executions) {
    const line = `${runs.get(execution.metadata.name) ?? 0} ${reasonOf(execution)}`;
    counts[line] = (counts[line] ?? 0) + 1;
  }
  return counts;
}

/** Checks that each has completed and that its script ran once. */
export function expectOnce(executions: readonly ScriptExecution[], journal: Journal): void {
  expect(tally(executions, journal)).toEqual({ '1 Completed': executions.length });
}
