import type { ObjectMeta } from '../kube/object.ts';

/**
 * Of the pods of a ReplicaSet that are ready, the controller deletes those with the lowest cost first. See
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#pod-deletion-cost
 */
const COST = 'controller.kubernetes.io/pod-deletion-cost';
/** On a pod that we have set the cost of: what it was before. Empty: none. */
const COST_BEFORE = 'copepod.dev/pod-deletion-cost-before';
/** No pod goes before one with this: the least int32. */
const LEAST = -2_147_483_648;

/** What a pod costs to delete. */
export interface DeletionCost {
  /** As somebody else has set it; undefined: nobody has. */
  readonly given: string | undefined;
  /** We have set it to the least: the pod is to go. */
  readonly isMarked: boolean;
}

export function deletionCostOf(annotations: ObjectMeta['annotations']): DeletionCost {
  const before = annotations?.[COST_BEFORE];
  if (before === undefined) return { given: annotations?.[COST], isMarked: false };
  return { given: before === '' ? undefined : before, isMarked: true };
}

/** As the ReplicaSet controller reads it: what is no int32 is 0. */
export function costValue({ given = '' }: DeletionCost): number {
  const value = /^(0|-?[1-9]\d{0,9})$/.test(given) ? Number(given) : 0;
  return value === (value | 0) ? value : 0;
}

/** A merge patch for the annotations of a pod that has this cost: it is to go. */
export const marking = ({ given }: DeletionCost) => ({ [COST]: String(LEAST), [COST_BEFORE]: given ?? '' });

/** A merge patch for the annotations of a pod that was marked: it is to stay, and costs what it cost before. */
export const unmarking = ({ given }: DeletionCost) => ({ [COST]: given ?? null, [COST_BEFORE]: null });
