import type { Sample } from '../statistics.ts';
import type { MemoryPeak } from './operator-memory.ts';
import type { Requests } from './request-probe.ts';

export type Contestant = 'raw' | 'operator' | 'operator-present' | 'jobs';

/** One at a time, each when the one before it has ended; or many at once. */
export type Load = 'alone' | 'at-once';

/** What was measured of one contestant under one load. */
export interface Figure {
  readonly contestant: Contestant;
  readonly load: Load;
  readonly sample: Sample;
  /** Of the operator: */
  readonly createsPerSecond?: number;
  readonly steps?: readonly Step[];
  readonly memory?: MemoryPeak;
  readonly requests?: Requests;
}

/** A piece of an execution's time, in milliseconds. */
export interface Step {
  readonly name: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function figureOf(figures: readonly Figure[], contestant: Contestant, load: Load): Figure | undefined {
  return figures.find((figure) => figure.contestant === contestant && figure.load === load);
}
