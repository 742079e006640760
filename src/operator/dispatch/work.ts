import type { Fit, PodNeeds } from '../../cluster/pods/suitable-pod.ts';

/** The classes of status writes, in the order of their dispatch within a flow. */
export const WORK_KINDS = [
  /** For a claimed execution: its outcome, a retry, the release of its claim; adopting it from a former leader. */
  'outcome',
  /** Assigns a slot on a pod. Dispatched only while the runtime has a free slot. */
  'claim',
  /**
   * Any other write with an effect: finishing without a run, a new run, an observed generation, an obstacle to the
   * start, a deletion.
   */
  'write',
  /** The reason that an execution waits for a slot. Dispatched when there is nothing else to write. */
  'note',
] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/** An execution whose status is to be written. Namespace, runtime and tenant identify its flow. */
export interface Work {
  readonly key: string;
  readonly namespace: string;
  /** Key of its ScriptRuntime; empty if it does not exist. */
  readonly runtime: string;
  /** Empty if the runtime does not list the tenant: the name alone is the author's claim. */
  readonly tenant: string;
  /** Higher first. */
  readonly priority: number;
  /** At equal priority, older first. Milliseconds since the epoch. */
  readonly createdMs: number;
  /** The classes it can be dispatched as. */
  readonly kinds: readonly WorkKind[];
  /** For a claim. */
  readonly slot?: SlotRequest | undefined;
}

/** A claim's requirements of a pod. */
export interface SlotRequest extends PodNeeds {
  /** Key of the ScriptRuntime. */
  readonly runtime: string;
  /** The pods of the runtime that meet them. */
  readonly fits: Fit;
}
