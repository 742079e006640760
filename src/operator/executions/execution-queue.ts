import { tenantOf } from '../../api/defaults.ts';
import { parseKey } from '../kube/object.ts';
import type { Store } from '../kube/store.ts';
import { WorkQueue, type WorkQueueOptions } from '../kube/work-queue.ts';
import type { KnownExecution } from './known-execution.ts';
import { hasEnded } from './next-step.ts';
import type { Places } from './places.ts';
import { RightOfWay } from './right-of-way.ts';

/** The executions to look at, and who of them has the right of way. */
export interface ExecutionQueue {
  readonly queue: WorkQueue;
  readonly rightOfWay: RightOfWay;
}

/** What a pod has, or can have now; and what waits for that. */
const KINDS = ['placed', 'waiting'] as const;

/**
 * Namespaces take turns, and within each its tenants, as they do with places: a flood delays nobody else's claims and outcomes
 * by more than a turn. Those of a namespace that have a place take turns with those that wait for one: else all that wait would
 * be looked at before the next is claimed. And a tenant's outcomes take turns with its claims: else all that has a place would be claimed
 * before the outcome of the first is recorded. The spare place is for sparse namespaces, see `Contest`.
 * @param places where executions wait that are not in the queue; they are made after it, and tell it who has one
 */
export function executionQueue(
  executions: Pick<Store<KnownExecution>, 'get'>,
  places: () => Pick<Places, 'waitingOf' | 'isGranted'>,
  options: Pick<WorkQueueOptions, 'metrics' | 'backoff'> = {},
): ExecutionQueue {
  const namespaceOf = (key: string): string => parseKey(key).namespace ?? '';
  // One that has gone is nobody's any more: no tenant has an empty name.
  const tenantFor = (key: string): string => {
    const execution = executions.get(key);
    return execution ? tenantOf(execution) : '';
  };
  const stateOf = (key: string): string => {
    if (isClaimed(executions.get(key))) return 'claimed';
    return places().isGranted(key) ? 'granted' : 'waiting';
  };
  const kindOf = (key: string): (typeof KINDS)[number] => (stateOf(key) === 'waiting' ? 'waiting' : 'placed');
  const queue = new WorkQueue<string>({
    ...options,
    name: 'scriptexecution',
    turns: [namespaceOf, kindOf, tenantFor, stateOf],
    isHeld: ([namespace = '', kind, tenant, state], isFull) => {
      if (kind === undefined) return rightOfWay.isHeld(namespace, undefined, isFull);
      return tenant !== undefined && state === undefined && rightOfWay.isHeld(namespace, tenant);
    },
  });
  const inQueue = (namespace: string, tenant: string | undefined): number => {
    if (tenant === undefined) return queue.count([namespace]);
    return KINDS.reduce((count, kind) => count + queue.count([namespace, kind, tenant]), 0);
  };
  const rightOfWay = new RightOfWay({
    partyOf: (key) => [namespaceOf(key), tenantFor(key)],
    waiting: (namespace, tenant) => inQueue(namespace, tenant) + places().waitingOf(namespace, tenant),
    onFree: () => queue.retry(),
    metrics: options.metrics,
  });
  return { queue, rightOfWay };
}

const isClaimed = (execution: KnownExecution | undefined): boolean =>
  execution?.status.claim !== undefined && !hasEnded(execution.status);
