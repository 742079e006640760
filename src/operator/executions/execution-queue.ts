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

/**
 * Namespaces take turns, and within each its tenants, as they do with places: a flood delays nobody else's claims and outcomes
 * by more than a turn. A tenant's own that a pod has, those that have a place to take, and those that wait for one take turns
 * too: else all that wait would be looked at before the next is claimed, and claimed before the outcome of the first is
 * recorded. The spare place is for sparse namespaces, see `Contest`.
 * @param places where executions wait that are not in the queue; they are made after it, and tell it who has one
 */
export function executionQueue(
  executions: Pick<Store<KnownExecution>, 'get'>,
  places: () => Pick<Places, 'waitingOf' | 'isGranted'>,
  options: Pick<WorkQueueOptions, 'metrics' | 'backoff'> = {},
): ExecutionQueue {
  const namespaceOf = (key: string): string => parseKey(key).namespace ?? '';
  const tenantFor = (key: string): string => {
    const execution = executions.get(key);
    return execution ? tenantOf(execution) : namespaceOf(key);
  };
  const stateOf = (key: string): string => {
    if (isClaimed(executions.get(key))) return 'claimed';
    return places().isGranted(key) ? 'granted' : 'waiting';
  };
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
      queue.count(tenant === undefined ? [namespace] : [namespace, tenant]) + places().waitingOf(namespace, tenant),
    onFree: () => queue.retry(),
    metrics: options.metrics,
  });
  return { queue, rightOfWay };
}

const isClaimed = (execution: KnownExecution | undefined): boolean =>
  execution?.status.claim !== undefined && !hasEnded(execution.status);
