import { expect, test } from '@jest/globals';
import type { ScriptExecution, ScriptExecutionStatus } from '../../../src/api/types.generated.ts';
import { timelineOf } from '../../../src/dashboard/page/detail/timeline.ts';

const at = (second: number): string => `2026-11-30T10:00:${String(second).padStart(2, '0')}.000000Z`;
const claim = { podName: 'pod-1', podUID: 'u', bootID: 'b', attempt: 1, claimTime: at(1) };

function entries(status: ScriptExecutionStatus, createdBy?: string): string[] {
  const metadata = { name: 'x', namespace: 'n', creationTimestamp: at(0) };
  const spec = createdBy === undefined ? {} : { context: { execution: { createdBy } } };
  const execution = { metadata, spec, status } as unknown as ScriptExecution;
  return timelineOf(execution).map(({ title, detail, tone }) => `${tone}: ${title}${detail && `, ${detail}`}`);
}

const condition = (status: 'True' | 'False' | 'Unknown', reason: string, message = '') => ({
  conditions: [{ type: 'Succeeded', status, reason, message, lastTransitionTime: at(2) }],
});

test.each<[string, string[], string[]]>([
  ['that nothing has seen', entries({}), ['plain: Created']],
  ['with its creator', entries({}, 'jane'), ['plain: Created, by jane']],
  [
    'that waits',
    entries(condition('Unknown', 'Saturated', 'All VMs are busy.')),
    ['plain: Created', 'active: Waits: Saturated, All VMs are busy.'],
  ],
  [
    'that runs',
    entries({ claim, startTime: at(2), ...condition('Unknown', 'Running') }),
    [
      'plain: Created',
      'plain: Run assigned to a pod, pod-1',
      'plain: Script started, 1 s after it was assigned',
      'active: Running',
    ],
  ],
  [
    'that succeeded in its third run',
    entries({ run: 3, claim, startTime: at(2), completionTime: at(5), ...condition('True', 'Completed') }),
    [
      'plain: Created',
      'plain: Run 3 assigned to a pod, pod-1',
      'plain: Script started, 1 s after it was assigned',
      'good: Completed, after 3 s',
    ],
  ],
  [
    'that was retried and failed',
    entries({
      attemptHistory: [
        {
          attempt: 1,
          podName: 'pod-0',
          startTime: at(1),
          completionTime: at(2),
          reason: 'PodLost',
          error: { type: 'InternalError', message: 'the pod is gone', retryable: true },
        },
      ],
      claim,
      startTime: at(3),
      completionTime: at(4),
      ...condition('False', 'RuntimeError'),
    }),
    [
      'plain: Created',
      'plain: Attempt 1 started, pod-0',
      'bad: Attempt 1 failed, PodLost: the pod is gone',
      'plain: Run assigned to a pod, pod-1',
      'plain: Script started, 2 s after it was assigned',
      'bad: RuntimeError, after 1 s',
    ],
  ],
])('the timeline of an execution %s', (_, found, expected) => {
  expect(found).toEqual(expected);
});
