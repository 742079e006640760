import type { ScriptScheduleSpec } from '../types.generated.ts';
import { type CronExpression, parseCron } from './cron-expression.ts';
import { nextTime } from './next-time.ts';
import { type TimeZone, timeZone } from './time-zone.ts';

/** The times at which a schedule starts. */
export interface ScheduleTimes {
  readonly zone: TimeZone;
  /** The first of them after an instant, in milliseconds since the epoch; undefined where there is none within five years. */
  next(afterMs: number): number | undefined;
  /** The last of them that is not after an instant. @param fromMs one of them that is not */
  last(fromMs: number, nowMs: number): number;
}

/** The zone of a schedule that names none. */
export const DEFAULT_TIME_ZONE = 'UTC';

/**
 * The times of a ScriptSchedule.
 *
 * @throws FormatError where `schedule` or `timeZone` cannot be read
 */
export function scheduleTimes(spec: Pick<ScriptScheduleSpec, 'schedule' | 'timeZone'>): ScheduleTimes {
  const zone = timeZone(spec.timeZone ?? DEFAULT_TIME_ZONE);
  const expression = parseCron(spec.schedule);
  const next = (afterMs: number): number | undefined => nextTime(expression, zone, afterMs);
  return { zone, next, last: (fromMs, nowMs) => lastTime(expression, next, fromMs, nowMs) };
}

function lastTime(expression: CronExpression, next: ScheduleTimes['next'], fromMs: number, nowMs: number): number {
  if (expression.kind === 'interval') {
    return fromMs + Math.floor((nowMs - fromMs) / expression.delayMs) * expression.delayMs;
  }
  // Bisection: before the last time the next one has passed, and from it on it has not.
  let [low, high] = [Math.floor(fromMs / 1000) - 1, Math.floor(nowMs / 1000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((next(middle * 1000) ?? Number.POSITIVE_INFINITY) <= nowMs) low = middle;
    else high = middle;
  }
  return high * 1000;
}

/** A time as the API writes those of schedules: RFC 3339 in UTC with whole seconds, as metav1.Time. */
export function formatSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A time as the clocks of a zone show it: RFC 3339 with the zone's offset. */
export function formatInZone(ms: number, zone: TimeZone): string {
  const { offsetMs } = zone.spanAt(ms);
  const shown = new Date(ms + offsetMs).toISOString().slice(0, 19);
  if (offsetMs === 0) return `${shown}Z`;
  const minutes = Math.trunc(Math.abs(offsetMs) / 60_000);
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `${shown}${offsetMs < 0 ? '-' : '+'}${hour}:${minute}`;
}
