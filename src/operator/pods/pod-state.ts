/** What a runtime pod is to the operator. */
export const POD_STATES = [
  /** Takes runs. */
  'serving',
  /** Has no address yet, does not listen yet, or has no warm VM. */
  'starting',
  /** Is deleted, draining or chosen to go: gets no more runs. */
  'ending',
  /** Says that it is ready, and has refused runs: gets none for a moment. */
  'left_out',
  /** Answers that it does not take our requests: its clock or ours is wrong, or its image is another's. */
  'refusing',
  /** Does not answer, or not in our protocol. */
  'unreachable',
] as const;

export type PodState = (typeof POD_STATES)[number];

/** What is known of a pod. */
export interface PodSituation {
  readonly isServing: boolean;
  readonly isEnding: boolean;
  readonly isLeftOut: boolean;
  /** How its last answer failed; undefined: it did not, or there was none. */
  readonly failure: 'refusing' | 'unreachable' | undefined;
  /** It has answered before, or has had the time that a start takes. */
  readonly hasStarted: boolean;
}

/** Pure. */
export function podState({ isServing, isEnding, isLeftOut, failure, hasStarted }: PodSituation): PodState {
  if (isEnding) return 'ending';
  if (isServing) return 'serving';
  if (failure !== undefined && (failure === 'refusing' || hasStarted)) return failure;
  return isLeftOut ? 'left_out' : 'starting';
}
