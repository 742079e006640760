import { describe, expect, test } from '@jest/globals';
import { parseCron } from '../../../../src/api/schedule/cron-expression.ts';
import { scheduleTimes } from '../../../../src/api/schedule/schedule-times.ts';

// That each time is a CronJob's is shown by test/cron; these are for reading.

/** The next times after an instant. */
function times(schedule: string, timeZone: string, after: string, count: number): string[] {
  const { next } = scheduleTimes({ schedule, timeZone });
  const found: string[] = [];
  for (let at = next(Date.parse(after)); at !== undefined && found.length < count; at = next(at)) {
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

describe('times of a schedule', () => {
  test.each([
    ['*/20 9-10 * * *', ['2026-11-30T09:00', '2026-11-30T09:20', '2026-11-30T09:40', '2026-11-30T10:00']],
    ['50/5 * * * *', ['2026-11-30T00:50', '2026-11-30T00:55', '2026-11-30T01:50']],
    ['0 6 * * MON-fri', ['2026-11-30T06:00', '2026-12-01T06:00', '2026-12-02T06:00']],
    // Day of month or day of week, where neither is a star.
    ['0 0 13 * 5', ['2026-12-04T00:00', '2026-12-11T00:00', '2026-12-13T00:00']],
    // Both, where one is: a step above 1 is no star.
    ['0 0 */2 * 1', ['2026-12-01T00:00', '2026-12-03T00:00', '2026-12-05T00:00', '2026-12-07T00:00']],
    ['0 0 */1 * 1', ['2026-12-07T00:00', '2026-12-14T00:00']],
    ['0 0 29 2 *', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['@weekly', ['2026-12-06T00:00', '2026-12-13T00:00']],
    ['@every 1.5h', ['2026-11-30T01:30', '2026-11-30T03:00']],
    ['0 0 30 2 *', []],
    [', * * * *', []],
  ])('%s', (schedule, expected) => {
    expect(times(schedule, 'UTC', '2026-11-30T00:00:00Z', expected.length || 1)).toEqual(expected);
  });

  test.each([
    [
      'what the clocks skip is left out',
      '30 2 * * *',
      '2027-03-27T12:00:00Z',
      ['2027-03-29T00:30', '2027-03-30T00:30'],
    ],
    [
      'what they show twice starts twice',
      '30 2 * * *',
      '2027-10-30T12:00:00Z',
      ['2027-10-31T00:30', '2027-10-31T01:30'],
    ],
    [
      'an hour that is everything has 23 or 25 of a day',
      '0 * 28 3 *',
      '2027-03-27T23:30:00Z',
      ['2027-03-28T00:00', '2027-03-28T01:00'],
    ],
  ])('summer time in Berlin: %s', (_, schedule, after, expected) => {
    expect(times(schedule, 'Europe/Berlin', after, expected.length)).toEqual(expected);
  });
});

describe('refusals', () => {
  test.each([
    ['', 'is empty: write five fields, such as "30 6 * * 1-5", or @daily'],
    ['* * * *', 'must have five fields (minute, hour, day of month, month and day of week), not 4'],
    ['60 * * * *', 'minute "60": 60 is above 59 (from 0 to 59)'],
    ['* * 0 * *', 'day of month "0": 0 is below 1 (from 1 to 31)'],
    ['* * * * 7', 'day of week "7": 7 is above 6 (from 0 to 6)'],
    ['* 5-3 * * *', 'hour "5-3": begins after its end (from 0 to 23)'],
    ['*/0 * * * *', 'minute "*/0": has a step of 0 (from 0 to 59)'],
    ['1-2-3 * * * *', 'minute "1-2-3": has more than one hyphen (from 0 to 59)'],
    ['* * * january *', 'month "january": "january" is not a number or a name such as feb (from 1 to 12)'],
    ['TZ=Europe/Berlin * * * * *', 'must not name a time zone: write it in timeZone'],
    ['@every fortnight', '"fortnight" is not a duration: write one like 90s, 30m or 1h30m'],
  ])('%j', (schedule, message) => {
    expect(() => parseCron(schedule)).toThrow(message);
  });

  test.each([
    ['europe/berlin', 'unknown time zone "europe/berlin": did you mean Europe/Berlin?'],
    ['Europe/Berln', 'unknown time zone "Europe/Berln": did you mean Europe/Berlin?'],
    ['asia/kolkata', 'unknown time zone "asia/kolkata": did you mean Asia/Kolkata?'],
    ['+02:00', 'unknown time zone "+02:00": write a name such as Europe/Berlin'],
    ['Local', 'unknown time zone "Local": write a name such as Europe/Berlin'],
    ['../etc/passwd', 'unknown time zone "../etc/passwd": write a name such as Europe/Berlin'],
  ])('time zone %s', (timeZone, message) => {
    expect(() => scheduleTimes({ schedule: '* * * * *', timeZone })).toThrow(message);
  });
});
