import type { ChaosCluster } from '../cluster/chaos-cluster.ts';
import type { Random } from '../random.ts';

/** The environment of a fault. */
export interface Scene {
  readonly cluster: ChaosCluster;
  /** Namespace of the runtime pods. */
  readonly namespace: string;
  readonly random: Random;
  /** Number of counted calls. */
  readonly counted: () => number;
  /** Aborted when no more faults are wanted. */
  readonly signal: AbortSignal;
}

/** A fault that is injected repeatedly. */
export interface Fault {
  /** Interval between two faults, in milliseconds. */
  readonly every: readonly [fromMs: number, toMs: number];
  /** Injects the fault, and undoes it if it is temporary. Returns its description; undefined if there was no target. */
  readonly inject: (scene: Scene) => Promise<string | undefined>;
}

export const seconds = (value: number): number => value * 1000;
