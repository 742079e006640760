import { describe, expect, test } from '@jest/globals';
import type { ScriptExecutionStatus } from '../../../../src/api/types.generated.ts';
import { waitingSince } from '../../../../src/operator/executions/waiting.ts';
import { CREATED, known, NOW, statusOf } from './objects.ts';

const ready = (lastTransitionTime: string): ScriptExecutionStatus => {
  const status = statusOf('Pending');
  return { ...status, conditions: (status.conditions ?? []).map((each) => ({ ...each, lastTransitionTime })) };
};

describe('the current run waits', () => {
  test.each<[string, ScriptExecutionStatus, string]>([
    ['from its creation, if it has no status', { observedGeneration: -1 }, CREATED],
    ['from the time in its status', ready('2026-11-22T09:59:59.000000Z'), '2026-11-22T09:59:59.000Z'],
    ['from now, while it is suspended', statusOf('Suspended'), NOW.toISOString()],
    ['from now, if that time is in the future', ready('2026-11-22T10:30:00.000000Z'), NOW.toISOString()],
    ['from now, if that time is invalid', ready('soon'), NOW.toISOString()],
  ])('%s', (_, status, since) => {
    expect(waitingSince(known({ status }), NOW.getTime())).toBe(Date.parse(since));
  });
});
