import { expect } from '@jest/globals';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import type { Namespace } from './namespace.ts';
import { type ExecutionSpec, reasonOf } from './objects.ts';

/** Many executions with one spec each, by name: `PREFIX-0` and so on. */
export function manyExecutions(
  prefix: string,
  count: number,
  spec: (index: number) => ExecutionSpec,
): Record<string, ExecutionSpec> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}-${index}`, spec(index)]));
}

/** Waits until all executions have finished, and checks that each completed in one attempt of one run. */
export async function expectEachRanOnce(
  namespace: Namespace,
  names: readonly string[],
  resultOf: (index: number) => unknown,
  timeoutMs = 120_000,
): Promise<ScriptExecution[]> {
  const ended = await namespace.ended(names, { withinMs: timeoutMs });
  const found = names.map((name) => ended[name] as ScriptExecution);
  const summary = (each: ScriptExecution, index: number) => ({
    name: each.metadata.name,
    reason: reasonOf(each),
    error: each.status.error?.message,
    result: each.status.result,
    run: each.status.run,
    attempts: each.status.attempts,
    expected: resultOf(index),
  });
  const wrong = found.map(summary).filter((each) => {
    return each.reason !== 'Completed' || each.result !== each.expected || each.run !== 1 || each.attempts !== 1;
  });
  expect(wrong).toEqual([]);
  return found;
}
