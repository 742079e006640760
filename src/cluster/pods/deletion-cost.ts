import type { ObjectMeta } from '../../kube/object.ts';

/**
 * The ReplicaSet controller deletes ready pods with the lowest cost first. See
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#pod-deletion-cost
 */
const COST = 'controller.kubernetes.io/pod-deletion-cost';
/** On a pod whose cost the operator has set: its previous cost. Empty: none. */
const COST_BEFORE = 'copepod.dev/pod-deletion-cost-before';
/** The minimum (int32): no pod is deleted before one with this cost. */
const LEAST = -2_147_483_648;

/** The deletion cost of a pod. */
export interface DeletionCost {
  /** As set by another client; undefined: not set. */
  readonly given: string | undefined;
  /** Set to the minimum by the operator: the pod is to be removed. */
  readonly isMarked: boolean;
}

export function deletionCostOf(annotations: ObjectMeta['annotations']): DeletionCost {
  const before = annotations?.[COST_BEFORE];
  if (before === undefined) return { given: annotations?.[COST], isMarked: false };
  return { given: before === '' ? undefined : before, isMarked: true };
}

/** Parsed as by the ReplicaSet controller: 0 unless it is an int32. */
export function costValue({ given = '' }: DeletionCost): number {
  const value = /^(0|-?[1-9]\d{0,9})$/.test(given) ? Number(given) : 0;
  return value === (value | 0) ? value : 0;
}

/** Merge patch of the annotations that marks a pod with this cost for removal. */
export const marking = ({ given }: DeletionCost) => ({ [COST]: String(LEAST), [COST_BEFORE]: given ?? '' });

/** Merge patch of the annotations that restores the cost of a marked pod. */
export const unmarking = ({ given }: DeletionCost) => ({ [COST]: given ?? null, [COST_BEFORE]: null });
