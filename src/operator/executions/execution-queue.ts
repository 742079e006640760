import { tenantOf } from '../../api/defaults.ts';
import { parseKey } from '../kube/object.ts';
import type { Store } from '../kube/store.ts';
import { WorkQueue, type WorkQueueOptions } from '../kube/work-queue.ts';
import type { KnownExecution } from './known-execution.ts';
import { hasEnded } from './next-step.ts';
import { RightOfWay } from './right-of-way.ts';

/** The executions to look at, and who of them has the right of way. */
export interface ExecutionQueue {
  readonly queue: WorkQueue;
  readonly rightOfWay: RightOfWay;
}

/**
 * Namespaces take turns, and within each its tenants, as they do with places: a flood delays nobody else's claims and outcomes
 * by more than a turn. A tenant's own that a pod has take turns with those that wait: else all that wait would be claimed
 * before the outcome of the first is recorded. The spare place is for sparse namespaces, see `Contest`.
 * @param waitingForPlace how many of a namespace, or of a tenant of it, wait for a place and are not in the queue
 */
export function executionQueue(
  executions: Pick<Store<KnownExecution>, 'get'>,
  options: Pick<WorkQueueOptions, 'metrics' | 'backoff'> = {},
  waitingForPlace: (namespace: string, tenant?: string) => number = () => 0,
): ExecutionQueue {
  const namespaceOf = (key: string): string => parseKey(key).namespace ?? '';
  const tenantFor = (key: string): string => {
    const execution = executions.get(key);
    return execution ? tenantOf(execution) : namespaceOf(key);
  };
  const stateOf = (key: string): string => (isClaimed(executions.get(key)) ? 'claimed' : 'waiting');
  const queue = new WorkQueue<string>({
    ...options,
    name: 'scriptexecution',
    turns: [namespaceOf, tenantFor, stateOf],
    isHeld: ([namespace = '', tenant, state], isFull) =>
      state === undefined && rightOfWay.isHeld(namespace, tenant, isFull),
  });
  const rightOfWay = new RightOfWay({
    partyOf: (key) => [namespaceOf(key), tenantFor(key)],
    waiting: (namespace, tenant) =>
      queue.count(tenant === undefined ? [namespace] : [namespace, tenant]) + waitingForPlace(namespace, tenant),
    onFree: () => queue.retry(),
    metrics: options.metrics,
  });
  return { queue, rightOfWay };
}

const isClaimed = (execution: KnownExecution | undefined): boolean =>
  execution?.status.claim !== undefined && !hasEnded(execution.status);
