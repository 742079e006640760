import type { CronExpression, CronFields } from './cron-expression.ts';
import type { TimeZone } from './time-zone.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Where nothing matches in so many years, nothing ever will. */
const YEARS = 5;

/**
 * The first time of a cron expression after an instant, in milliseconds since the epoch; undefined where there is none within five
 * years. The search is that of github.com/robfig/cron v3.0.1 (SpecSchedule.Next), down to what it makes of hours that a zone's
 * clocks skip or show twice, because CronJobs start by it: field by field from the month down, and from the start again where one of
 * them begins anew.
 */
export function nextTime(expression: CronExpression, zone: TimeZone, afterMs: number): number | undefined {
  const second = Math.floor(afterMs / SECOND_MS) * SECOND_MS;
  if (expression.kind === 'interval') return second + expression.delayMs;
  const { minute, hour, month } = expression;
  if ([minute, hour, month].some(({ values }) => values.size === 0)) return undefined;
  return search(expression, new LocalTime(zone, second + SECOND_MS));
}

function search(fields: CronFields, from: LocalTime): number | undefined {
  const lastYear = from.year + YEARS;
  let time = from;
  // What is below the field that is searched counts from its beginning, once one above it has moved on.
  let hasMoved = false;
  for (;;) {
    if (time.year > lastYear) return undefined;
    let wrapped = false;

    while (!fields.month.values.has(time.month)) {
      if (!hasMoved) time = time.at(time.year, time.month, 1, 0);
      hasMoved = true;
      time = time.plusMonth();
      wrapped = time.month === 1;
      if (wrapped) break;
    }
    if (wrapped) continue;

    while (!matchesDay(fields, time)) {
      if (!hasMoved) time = time.at(time.year, time.month, time.day, 0);
      hasMoved = true;
      time = atMidnight(time.plusDay());
      wrapped = time.day === 1;
      if (wrapped) break;
    }
    if (wrapped) continue;

    while (!fields.hour.values.has(time.hour)) {
      if (!hasMoved) time = time.at(time.year, time.month, time.day, time.hour);
      hasMoved = true;
      time = time.plusMs(HOUR_MS);
      wrapped = time.hour === 0;
      if (wrapped) break;
    }
    if (wrapped) continue;

    while (!fields.minute.values.has(time.minute)) {
      if (!hasMoved) time = time.plusMs(-(time.ms % MINUTE_MS));
      hasMoved = true;
      time = time.plusMs(MINUTE_MS);
      wrapped = time.minute === 0;
      if (wrapped) break;
    }
    if (wrapped) continue;

    if (time.second === 0) return time.ms;
    hasMoved = true;
    time = time.plusMs(MINUTE_MS - time.second * SECOND_MS);
  }
}

/** Where neither day is a star, either of them suffices, as in any cron. */
function matchesDay({ dayOfMonth, dayOfWeek }: CronFields, time: LocalTime): boolean {
  const month = dayOfMonth.values.has(time.day);
  const week = dayOfWeek.values.has(time.weekday);
  return dayOfMonth.isStar || dayOfWeek.isStar ? month && week : month || week;
}

/** Where clocks skip midnight, a day later is an hour off: back to as near midnight as there is. */
function atMidnight(time: LocalTime): LocalTime {
  const { hour } = time;
  return hour === 0 ? time : time.plusMs((hour > 12 ? 24 - hour : -hour) * HOUR_MS);
}

/** An instant as the clocks of a zone show it. */
class LocalTime {
  readonly ms: number;
  readonly #zone: TimeZone;
  /** A date whose UTC fields are those that the clocks show. */
  readonly #shown: Date;

  constructor(zone: TimeZone, ms: number) {
    this.#zone = zone;
    this.ms = ms;
    this.#shown = new Date(ms + zone.spanAt(ms).offsetMs);
  }

  get year(): number {
    return this.#shown.getUTCFullYear();
  }

  /** From 1. */
  get month(): number {
    return this.#shown.getUTCMonth() + 1;
  }

  get day(): number {
    return this.#shown.getUTCDate();
  }

  /** From 0, which is Sunday. */
  get weekday(): number {
    return this.#shown.getUTCDay();
  }

  get hour(): number {
    return this.#shown.getUTCHours();
  }

  get minute(): number {
    return this.#shown.getUTCMinutes();
  }

  get second(): number {
    return this.#shown.getUTCSeconds();
  }

  plusMs(ms: number): LocalTime {
    return new LocalTime(this.#zone, this.ms + ms);
  }

  plusDay(): LocalTime {
    return this.at(this.year, this.month, this.day + 1, this.hour, this.minute, this.second);
  }

  plusMonth(): LocalTime {
    return this.at(this.year, this.month + 1, this.day, this.hour, this.minute, this.second);
  }

  /**
   * When the clocks show this. As Go's time.Date has it: where they never do, or do twice, by one of the two offsets around the change.
   * Fields that are too large carry over.
   */
  at(year: number, month: number, day: number, hour: number, minute = 0, second = 0): LocalTime {
    const shownMs = Date.UTC(year, month - 1, day, hour, minute, second);
    const { startMs, endMs, offsetMs } = this.#zone.spanAt(shownMs);
    const ms = shownMs - offsetMs;
    const isWithin = offsetMs === 0 || (ms >= startMs && ms < endMs);
    return new LocalTime(this.#zone, isWithin ? ms : shownMs - this.#zone.spanAt(ms).offsetMs);
  }
}
