import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { quantile } from '../statistics.ts';
import type { Ended } from './end-watcher.ts';
import type { Step } from './figures.ts';

/** Moments of an execution: `Ms` by this process's monotonic clock, `At` in milliseconds since the epoch. */
export interface Timeline {
  readonly sentMs: number;
  readonly sentAt: number;
  readonly answeredMs: number;
  readonly ended: Ended<ScriptExecution>;
}

/**
 * The parts of an execution's duration. Parts that compare this machine's clock with the operator's or a pod's are
 * accurate to a millisecond or two if all run on one machine, and unreliable otherwise.
 */
const STEPS: readonly (readonly [name: string, ms: (timeline: Timeline) => number | undefined])[] = [
  ['create sent, answered', ({ sentMs, answeredMs }) => answeredMs - sentMs],
  ['create sent, claimTime', ({ sentAt, ended }) => since(sentAt, ended.object.status.claim?.claimTime)],
  ['create sent, claim seen in the watch', ({ sentMs, ended }) => minus(ended.seenAtMs.get('Running'), sentMs)],
  [
    'claimTime, startTime',
    ({ ended: { object } }) => since(at(object.status.claim?.claimTime), object.status.startTime),
  ],
  [
    'startTime, completionTime',
    ({ ended: { object } }) => since(at(object.status.startTime), object.status.completionTime),
  ],
  [
    'completionTime, success seen in the watch',
    ({ ended }) => minus(ended.endSeenAt, at(ended.object.status.completionTime)),
  ],
  ['create sent, success seen in the watch', ({ sentMs, ended }) => ended.endSeenAtMs - sentMs],
];

/** Quantiles of each part over the executions that have it. */
export function stepsOf(timelines: readonly Timeline[]): Step[] {
  return STEPS.flatMap(([name, ms]) => {
    const values = timelines.map(ms).filter((value) => value !== undefined && Number.isFinite(value)) as number[];
    if (values.length === 0) return [];
    const sorted = Float64Array.from(values).sort();
    return [{ name, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) }];
  });
}

/** All parts of one execution, in milliseconds; undefined if unknown. */
export function stepsOfOne(timeline: Timeline): { readonly name: string; readonly ms: number | undefined }[] {
  return STEPS.map(([name, ms]) => ({ name, ms: ms(timeline) }));
}

function since(start: number | undefined, time: string | undefined): number | undefined {
  return minus(at(time), start);
}

function minus(end: number | undefined, start: number | undefined): number | undefined {
  return end === undefined || start === undefined ? undefined : end - start;
}

/** RFC 3339 to milliseconds since the epoch, with microseconds if present. */
export function at(time: string | undefined): number | undefined {
  if (!time) return undefined;
  const [, micros = '0'] = /\.\d{3}(\d{3})/.exec(time) ?? [];
  return Date.parse(time) + Number(micros) / 1000;
}
