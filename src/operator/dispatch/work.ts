import type { LimitValues } from '../../api/limits.ts';
import type { Prioritized } from './priority-queue.ts';

/** The classes of status writes, in the order in which a flow's are dispatched. */
export const WORK_KINDS = [
  /** Of an execution that is claimed: its outcome, a retry, the release of its claim; to adopt it from an earlier leader. */
  'outcome',
  /** An execution gets a slot on a pod. Dispatched only while its runtime has a free one. */
  'claim',
  /** Any other that somebody waits for: an end without a run, a new run, a generation observed, why it cannot start, a deletion. */
  'write',
  /** That an execution waits for a slot. Dispatched when there is nothing else to write. */
  'note',
] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/** An execution whose status is to be written. Its flow is named by namespace, runtime and tenant. */
export interface Work extends Prioritized {
  readonly namespace: string;
  /** Key of its ScriptRuntime; empty where there is none of that name. */
  readonly runtime: string;
  /** Empty where the runtime lists no tenants: the name alone is the author's claim. */
  readonly tenant: string;
  /** The classes that it can be dispatched as. */
  readonly kinds: readonly WorkKind[];
  /** Of a claim. */
  readonly slot?: SlotRequest | undefined;
}

/** What a claim needs of a pod. */
export interface SlotRequest {
  /** Key of the ScriptRuntime whose pods are asked. */
  readonly runtime: string;
  /** The limits that the execution is promised: the pod must have at least these. */
  readonly limits: LimitValues;
  /** How many of the serving pods have them. */
  readonly fits: 'all' | 'some' | 'none';
}
