import { describe, expect, test } from '@jest/globals';
import { trendOf } from '../../../bench/overload/trend.ts';

const OPTIONS = { warmUpMinutes: 5, periodMinutes: 1, tolerance: 0.1 };
const series = (valueAt: (minute: number) => number, minutes = 20) =>
  Array.from({ length: minutes }, (_, index) => ({ minute: index + 1, value: valueAt(index + 1) }));
/** Rises from 80 to 120 in five minutes and falls back, as what is in use of a database between compactions. */
const sawtooth = (minute: number): number => 80 + 10 * (minute % 5);

describe('whether a series stays where it is', () => {
  test.each<[string, (minute: number) => number, string]>([
    ['stays', () => 100, 'flat'],
    ['is nothing', () => 0, 'flat'],
    ['grows by a share above the tolerance', (minute) => 100 + minute, 'grows'],
    ['grows by less', (minute) => 100 + minute / 3, 'flat'],
    ['falls', (minute) => 100 - minute, 'falls'],
    ['grows while it warms up, and no more', (minute) => 100 + 50 * Math.min(minute, 6), 'flat'],
    ['has one outlier at its end', (minute) => (minute === 20 ? 10_000 : 100), 'flat'],
    ['has a minute of which nothing is known', (minute) => (minute === 9 ? Number.NaN : 100 + 3 * minute), 'grows'],
  ])('one that %s', (_, valueAt, verdict) => {
    expect(trendOf(series(valueAt), OPTIONS).verdict).toBe(verdict);
  });

  test('tells the slope, and what it makes over the minutes that count', () => {
    const trend = trendOf(
      series((minute) => 100 + 2 * minute),
      OPTIONS,
    );
    expect(trend.slopePerMinute).toBeCloseTo(2);
    expect(trend.median).toBe(126); // of minutes 6 to 20
    expect(trend.growth).toBeCloseTo((2 * 14) / 126);
  });

  test('a sawtooth is flat where its period is known, and one that climbs is not', () => {
    const options = { ...OPTIONS, periodMinutes: 5 };
    expect(trendOf(series(sawtooth), options)).toMatchObject({ verdict: 'flat', slopePerMinute: 0 });
    const climbing = series((minute) => sawtooth(minute) + 2 * minute);
    expect(trendOf(climbing, options)).toMatchObject({ verdict: 'grows' });
  });

  test('a sawtooth whose phase cuts the ends is flat too', () => {
    for (let shift = 0; shift < 5; shift += 1) {
      const shifted = series((minute) => sawtooth(minute + shift));
      expect(trendOf(shifted, { ...OPTIONS, periodMinutes: 5 }).verdict).toBe('flat');
    }
  });

  test('next to nothing may double', () => {
    const points = series((minute) => minute / 10);
    expect(trendOf(points, OPTIONS).verdict).toBe('grows');
    expect(trendOf(points, { ...OPTIONS, least: 50 }).verdict).toBe('flat');
  });

  test('few minutes tell nothing', () => {
    expect(
      trendOf(
        series(() => 100, 7),
        OPTIONS,
      ).verdict,
    ).toBe('too short');
  });
});
