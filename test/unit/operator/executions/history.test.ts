import { describe, expect, test } from '@jest/globals';
import type { KnownRuntime } from '../../../../src/cluster/known-runtime.ts';
import { Store } from '../../../../src/kube/store.ts';
import type { ExecutionProjection } from '../../../../src/operator/executions/execution-projection.ts';
import { FINISHED, finishedKey, History, oldest } from '../../../../src/operator/executions/history.ts';

const finished = (name: string, second: number, ending = 'succeeded'): ExecutionProjection =>
  ({
    metadata: { name, namespace: 'acme' },
    status: { completionTime: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`, reason: ending },
  }) as unknown as ExecutionProjection;

const names = (executions: readonly ExecutionProjection[]): string[] => executions.map(({ metadata }) => metadata.name);

describe('the executions over a history limit', () => {
  const three = [finished('b', 2), finished('a', 1), finished('c', 3)];
  test.each<[number, string[]]>([
    [3, []],
    [4, []],
    [2, ['a']],
    [0, ['a', 'b', 'c']],
  ])('with %d kept are the oldest', (kept, expected) => {
    expect(names(oldest(three, kept))).toEqual(expected);
  });
});

describe('a runtime with history limits', () => {
  async function swept(
    spec: Partial<KnownRuntime['spec']>,
    count: number,
  ): Promise<{ left: string[]; rounds: number }> {
    const executions = new Store<ExecutionProjection>({
      [FINISHED]: ({ status }) => [finishedKey('acme/default', (status as { reason?: string }).reason as 'succeeded')],
    });
    for (let second = 0; second < count; second++) {
      executions.set(finished(`ok-${second}`, second % 60));
      executions.set(finished(`failed-${second}`, second % 60, 'failed'));
    }
    const runtimes = new Store<KnownRuntime>();
    runtimes.set({ metadata: { name: 'default', namespace: 'acme' }, spec } as KnownRuntime);
    const history = new History({
      runtimes,
      executions,
      remove: async ({ metadata }) => void executions.delete(`acme/${metadata.name}`),
    });
    let rounds = 1;
    while ((await history.sweep('acme/default')) !== undefined) rounds += 1;
    return { left: names([...executions.values()]), rounds };
  }

  test('keeps the newest of each result', async () => {
    const { left } = await swept({ successfulExecutionsHistoryLimit: 2, failedExecutionsHistoryLimit: 1 }, 5);
    expect(left.sort()).toEqual(['failed-4', 'ok-3', 'ok-4']);
  });

  test('keeps all of a result without a limit', async () => {
    const { left } = await swept({ failedExecutionsHistoryLimit: 0 }, 4);
    expect(left).toEqual(['ok-0', 'ok-1', 'ok-2', 'ok-3']);
  });

  test('deletes thousands in several rounds', async () => {
    const { left, rounds } = await swept({ successfulExecutionsHistoryLimit: 10 }, 1000);
    expect(left.filter((name) => name.startsWith('ok'))).toHaveLength(10);
    expect(rounds).toBeGreaterThan(1);
  });
});
