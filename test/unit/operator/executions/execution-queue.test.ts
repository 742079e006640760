import { expect, test } from '@jest/globals';
import { executionQueue } from '../../../../src/operator/executions/execution-queue.ts';
import type { KnownExecution } from '../../../../src/operator/executions/known-execution.ts';

const STATUSES: Readonly<Record<string, object>> = {
  waiting: {},
  granted: {},
  claimed: { claim: {}, conditions: [{ type: 'Succeeded', status: 'Unknown', reason: 'Running' }] },
  ended: { claim: {}, conditions: [{ type: 'Succeeded', status: 'True', reason: 'Completed' }] },
};

/** The order in which keys `namespace/tenant.status.number` are taken. */
async function orderOf(keys: readonly string[]): Promise<string[]> {
  const { queue } = executionQueue(
    {
      get: (key) => {
        const [tenant, state = ''] = String(key).split('/')[1]?.split('.') ?? [];
        if (state === 'gone') return undefined;
        return { spec: { context: { tenant: { id: tenant } } }, status: STATUSES[state] } as unknown as KnownExecution;
      },
    },
    () => ({ waitingOf: () => 0, isGranted: (key) => key.includes('.granted.') }),
  );
  for (const key of keys) queue.add(key);
  const taken: string[] = [];
  while (queue.length > 0) taken.push((await queue.take()) as string);
  return taken;
}

test('namespaces take turns, and within them tenants', async () => {
  const keys = ['n/a.waiting.1', 'n/a.waiting.2', 'n/a.waiting.3', 'n/b.waiting.1', 'm/c.waiting.1', 'm/c.waiting.2'];
  const taken = ['n/a.waiting.1', 'm/c.waiting.1', 'n/b.waiting.1', 'm/c.waiting.2', 'n/a.waiting.2', 'n/a.waiting.3'];
  expect(await orderOf(keys)).toEqual(taken);
});

test('what a pod has, what has a place and what waits for one take turns, however many were there before', async () => {
  const waiting = Array.from({ length: 1000 }, (_, index) => `n/a.waiting.${index}`);
  const taken = await orderOf([...waiting, 'n/a.ended.1', 'n/a.claimed.1', 'n/a.granted.1', 'n/a.claimed.2']);
  expect(taken.slice(0, 6)).toEqual([
    ...['n/a.waiting.0', 'n/a.claimed.1', 'n/a.waiting.1', 'n/a.granted.1', 'n/a.waiting.2', 'n/a.claimed.2'],
  ]);
  expect(taken.at(-1)).toBe('n/a.ended.1');
});

test('what is gone holds up nobody of its namespace, not those without a tenant of their own either', async () => {
  const gone = Array.from({ length: 1000 }, (_, index) => `n/a.gone.${index}`);
  const taken = await orderOf([...gone, 'n/a.waiting.1', 'n/n.waiting.1']);
  expect(taken.slice(0, 3)).toEqual(['n/a.gone.0', 'n/a.waiting.1', 'n/n.waiting.1']);
});
