/** States of a runtime pod from the operator's view. */
export const POD_STATES = [
  /** Accepts runs. */
  'serving',
  /** Has no IP yet, does not listen yet, or has no warm VM. */
  'starting',
  /** Is being deleted, draining or selected for removal: gets no more runs. */
  'ending',
  /** Reports ready but has refused runs: gets none for a moment. */
  'left_out',
  /** Rejects the operator's requests: a clock is wrong, or its image is a foreign one. */
  'refusing',
  /** Does not answer, or not in this protocol. */
  'unreachable',
] as const;

export type PodState = (typeof POD_STATES)[number];

/** The known facts about a pod. */
export interface PodSituation {
  readonly isServing: boolean;
  readonly isEnding: boolean;
  readonly isLeftOut: boolean;
  /** Kind of the last failed answer; undefined: it succeeded, or there was none. */
  readonly failure: 'refusing' | 'unreachable' | undefined;
  /** It has answered before, or the time of a normal start has passed. */
  readonly hasStarted: boolean;
}

/** Pure. */
export function podState({ isServing, isEnding, isLeftOut, failure, hasStarted }: PodSituation): PodState {
  if (isEnding) return 'ending';
  if (isServing) return 'serving';
  if (failure !== undefined && (failure === 'refusing' || hasStarted)) return failure;
  return isLeftOut ? 'left_out' : 'starting';
}
