import { describe, expect, jest, test } from '@jest/globals';
import type { ScriptExecutionStatus } from '../../../../src/api/types.generated.ts';
import type { KnownPod } from '../../../../src/cluster/pods/known-pod.ts';
import type { ExecutionProjection } from '../../../../src/operator/executions/execution-projection.ts';
import { isSettled, Orphans } from '../../../../src/operator/executions/orphans.ts';

const ended = (reason: string): Pick<ScriptExecutionStatus, 'conditions'> => ({
  conditions: [{ type: 'Succeeded', status: 'True', reason, message: '', lastTransitionTime: '' }],
});
const claim = (attempt: number) => ({ podName: 'p', podUID: 'p', bootID: 'b', attempt, claimTime: '' });
const execution = (status: ScriptExecutionStatus): ExecutionProjection =>
  ({ metadata: { name: 'x', namespace: 'acme', uid: 'u' }, status }) as ExecutionProjection;

describe('an outcome in a pod is orphaned', () => {
  const run = { uid: 'u', run: 2, attempt: 2 };
  test.each<[string, ScriptExecutionStatus | undefined, boolean]>([
    ['if its execution is gone', undefined, true],
    ['if it is recorded', { run: 2, attempts: 2, claim: claim(2), ...ended('Completed') }, true],
    ['not if its attempt is claimed and has not finished', { run: 2, attempts: 2, claim: claim(2) }, false],
    ['if a later attempt is claimed', { run: 2, attempts: 3, claim: claim(3) }, true],
    ['if its attempt is spent and the next one waits', { run: 2, attempts: 2 }, true],
    ['not if its attempt was released', { run: 2, attempts: 1 }, false],
    ['if a later run has begun', { run: 3, attempts: 0 }, true],
    ['not if the status is older than the run', { run: 1, attempts: 1, ...ended('Completed') }, false],
  ])('%s', (_, status, expected) => {
    expect(isSettled(status && execution(status), run)).toBe(expected);
  });
});

test('recorded outcomes are acknowledged, but none that this leader follows or may need', async () => {
  const acknowledged: string[] = [];
  const known: Record<string, ExecutionProjection> = {
    recorded: execution({ run: 1, claim: claim(1), ...ended('Completed') }),
    followed: execution({ run: 1, claim: claim(1), ...ended('Completed') }),
    open: execution({ run: 1, attempts: 1, claim: claim(1) }),
  };
  const orphans = new Orphans({
    client: {
      unacknowledged: async () => ['recorded.1.1', 'followed.1.1', 'open.1.1', 'gone.1.1', 'no run id'],
      acknowledge: async (_, id) => void acknowledged.push(id),
    },
    findByUID: (uid) => known[uid],
    isFollowed: (_, runID) => runID === 'followed.1.1',
  });
  const pod = { metadata: { name: 'p', uid: 'p' }, address: '127.0.0.1:1' } as KnownPod;
  const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
  try {
    await orphans.settle(pod, 'boot', new AbortController().signal);
    clock.mockReturnValue(59_999);
    await orphans.settle(pod, 'boot', new AbortController().signal);
    // An execution that is not in the cache may exist: the cache of a new leader can be behind.
    expect(acknowledged).toEqual(['recorded.1.1', 'recorded.1.1']);
    clock.mockReturnValue(60_000);
    await orphans.settle(pod, 'boot', new AbortController().signal);
    expect(acknowledged.slice(2)).toEqual(['recorded.1.1', 'gone.1.1']);
  } finally {
    clock.mockRestore();
  }
});
