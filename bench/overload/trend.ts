import { median } from '../statistics.ts';

export interface Point {
  readonly minute: number;
  readonly value: number;
}

export interface TrendOptions {
  /** Values of this time are warm-up and ignored. */
  readonly warmUpMinutes: number;
  /** Period of a cyclic effect (compaction, for example): means over this time are compared. 1: none. */
  readonly periodMinutes: number;
  /** Share of the median by which a flat series may grow over the observed time. */
  readonly tolerance: number;
  /** Lower bound of the median used for the share: shares of tiny values mean nothing. Default 0. */
  readonly least?: number;
}

export interface Trend {
  readonly verdict: 'flat' | 'grows' | 'falls' | 'too short';
  /** Theil-Sen estimator: the median of the slopes between all pairs of points, robust against outliers. */
  readonly slopePerMinute: number;
  /** Growth over the observed time, as a share of the median. */
  readonly growth: number;
  readonly median: number;
}

const MIN_POINTS = 3;

/** Whether a series of one value a minute is constant. */
export function trendOf(
  points: readonly Point[],
  { warmUpMinutes, periodMinutes, tolerance, least = 0 }: TrendOptions,
): Trend {
  const counted = points.filter(({ minute, value }) => minute > warmUpMinutes && Number.isFinite(value));
  const smooth = means(counted, periodMinutes);
  const middle = median(counted.map(({ value }) => value));
  if (smooth.length < MIN_POINTS) {
    return { verdict: 'too short', slopePerMinute: Number.NaN, growth: Number.NaN, median: middle };
  }
  const slopes = smooth.flatMap((one, index) =>
    smooth.slice(index + 1).map((other) => (other.value - one.value) / (other.minute - one.minute)),
  );
  const slopePerMinute = median(slopes);
  const minutes = (counted.at(-1)?.minute ?? 0) - (counted[0]?.minute ?? 0);
  const base = Math.max(middle, least);
  const growth = base === 0 ? 0 : (slopePerMinute * minutes) / base;
  const verdict = growth > tolerance ? 'grows' : growth < -tolerance ? 'falls' : 'flat';
  return { verdict, slopePerMinute, growth, median: middle };
}

/** Means of this many consecutive points, each at the minute of its last. */
function means(points: readonly Point[], count: number): Point[] {
  return points.slice(count - 1).map(({ minute }, index) => {
    const window = points.slice(index, index + count);
    return { minute, value: window.reduce((sum, { value }) => sum + value, 0) / count };
  });
}
