import type { LimitValues } from '../../api/limits.ts';
import type { PodValues } from '../../api/pod-protocol.ts';

/** A pod that takes runs now. */
export interface ServingPod {
  readonly runtime: string;
  readonly name: string;
  readonly uid: string;
  readonly address: string;
  readonly bootID: string;
  /** Runs that it executes at once. */
  readonly capacity: number;
  /** The most that a run on it may use. */
  readonly limits: LimitValues;
  /** The values of Secrets and ConfigMaps that are mounted into it; absent: none. */
  readonly values?: PodValues;
}
