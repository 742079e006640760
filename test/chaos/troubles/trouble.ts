import type { ChaosCluster } from '../cluster/chaos-cluster.ts';
import type { Random } from '../random.ts';

/** Where trouble is made. */
export interface Scene {
  readonly cluster: ChaosCluster;
  /** Of the runtime pods. */
  readonly namespace: string;
  readonly random: Random;
  /** How many calls have been counted. */
  readonly counted: () => number;
  /** Ends when no more trouble is wanted. */
  readonly signal: AbortSignal;
}

/** Something that goes wrong now and then. */
export interface Trouble {
  /** Between the end of one and the beginning of the next, in milliseconds. */
  readonly every: readonly [fromMs: number, toMs: number];
  /** Does it, and takes it back where it is for a while. Gives what it was; undefined: there was nobody to do it to. */
  readonly inflict: (scene: Scene) => Promise<string | undefined>;
}

export const seconds = (value: number): number => value * 1000;
