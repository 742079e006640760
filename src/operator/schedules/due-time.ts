import type { ScheduleTimes } from '../../api/schedule/schedule-times.ts';

/** The times of a schedule that have passed without a start. */
export interface DueTime {
  /** The last of them, in milliseconds since the epoch. */
  readonly dueMs: number;
  /** More than a hundred have passed, as a CronJob's controller reckons: by the distance of the first two. */
  readonly isManyMissed: boolean;
}

const MANY = 100;

/**
 * The last time of a schedule after one instant and not after another; undefined where there is none. After mostRecentScheduleTime of
 * Kubernetes' CronJob controller, which finds the last time by the distance of the first two: where times are uneven, as in every half
 * hour from two to four, it can find none although some have passed. Here it is always found.
 */
export function dueTime(times: ScheduleTimes, afterMs: number, nowMs: number): DueTime | undefined {
  const firstMs = times.next(afterMs);
  if (firstMs === undefined || firstMs > nowMs) return undefined;
  const secondMs = times.next(firstMs);
  if (secondMs === undefined || secondMs > nowMs) return { dueMs: firstMs, isManyMissed: false };
  const missed = Math.floor((nowMs - firstMs) / (secondMs - firstMs)) + 1;
  return { dueMs: times.last(secondMs, nowMs), isManyMissed: missed > MANY };
}
