import type { Sample } from '../statistics.ts';
import type { MemoryPeak } from './operator-memory.ts';
import type { Requests } from './request-probe.ts';

export type Contestant = 'raw' | 'operator' | 'operator-present' | 'jobs';

/** Sequential, each started when the one before it finishes; or many at once. */
export type Load = 'alone' | 'at-once';

/** The measurement of one contestant under one load. */
export interface Figure {
  readonly contestant: Contestant;
  readonly load: Load;
  readonly sample: Sample;
  /** For the operator only: */
  readonly createsPerSecond?: number;
  readonly steps?: readonly Step[];
  readonly memory?: MemoryPeak;
  readonly requests?: Requests;
}

/** A part of an execution's duration, in milliseconds. */
export interface Step {
  readonly name: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function figureOf(figures: readonly Figure[], contestant: Contestant, load: Load): Figure | undefined {
  return figures.find((figure) => figure.contestant === contestant && figure.load === load);
}
