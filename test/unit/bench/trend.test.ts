import { describe, expect, test } from '@jest/globals';
import { trendOf } from '../../../bench/overload/trend.ts';

const OPTIONS = { warmUpMinutes: 5, periodMinutes: 1, tolerance: 0.1 };
const series = (valueAt: (minute: number) => number, minutes = 20) =>
  Array.from({ length: minutes }, (_, index) => ({ minute: index + 1, value: valueAt(index + 1) }));
/** Rises from 80 to 120 in five minutes and falls back, like the used part of a database between compactions. */
const sawtooth = (minute: number): number => 80 + 10 * (minute % 5);

describe('trendOf', () => {
  test.each<[string, (minute: number) => number, string]>([
    ['is constant', () => 100, 'flat'],
    ['is zero', () => 0, 'flat'],
    ['grows by a share above the tolerance', (minute) => 100 + minute, 'grows'],
    ['grows by less', (minute) => 100 + minute / 3, 'flat'],
    ['falls', (minute) => 100 - minute, 'falls'],
    ['grows during warm-up only', (minute) => 100 + 50 * Math.min(minute, 6), 'flat'],
    ['has one outlier at its end', (minute) => (minute === 20 ? 10_000 : 100), 'flat'],
    ['has a minute without a value', (minute) => (minute === 9 ? Number.NaN : 100 + 3 * minute), 'grows'],
  ])('a series that %s', (_, valueAt, verdict) => {
    expect(trendOf(series(valueAt), OPTIONS).verdict).toBe(verdict);
  });

  test('returns the slope and the growth over the observed minutes', () => {
    const trend = trendOf(
      series((minute) => 100 + 2 * minute),
      OPTIONS,
    );
    expect(trend.slopePerMinute).toBeCloseTo(2);
    expect(trend.median).toBe(126); // of minutes 6 to 20
    expect(trend.growth).toBeCloseTo((2 * 14) / 126);
  });

  test('a sawtooth is flat if its period is known, and a rising one is not', () => {
    const options = { ...OPTIONS, periodMinutes: 5 };
    expect(trendOf(series(sawtooth), options)).toMatchObject({ verdict: 'flat', slopePerMinute: 0 });
    const climbing = series((minute) => sawtooth(minute) + 2 * minute);
    expect(trendOf(climbing, options)).toMatchObject({ verdict: 'grows' });
  });

  test('a sawtooth with incomplete periods at its ends is flat too', () => {
    for (let shift = 0; shift < 5; shift += 1) {
      const shifted = series((minute) => sawtooth(minute + shift));
      expect(trendOf(shifted, { ...OPTIONS, periodMinutes: 5 }).verdict).toBe('flat');
    }
  });

  test('values below the minimum may double', () => {
    const points = series((minute) => minute / 10);
    expect(trendOf(points, OPTIONS).verdict).toBe('grows');
    expect(trendOf(points, { ...OPTIONS, least: 50 }).verdict).toBe('flat');
  });

  test('a short series has no trend', () => {
    expect(
      trendOf(
        series(() => 100, 7),
        OPTIONS,
      ).verdict,
    ).toBe('too short');
  });
});
