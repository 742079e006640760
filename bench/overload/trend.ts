import { median } from '../statistics.ts';

export interface Point {
  readonly minute: number;
  readonly value: number;
}

export interface TrendOptions {
  /** What happens in this time is warming up, and does not count. */
  readonly warmUpMinutes: number;
  /** Something that comes and goes in such a time, compaction say: what counts are the means over it. 1: nothing does. */
  readonly periodMinutes: number;
  /** The share of its middle value by which a flat series may grow from the first minute that counts to the last. */
  readonly tolerance: number;
  /** A middle value below this counts as this: a share of next to nothing says nothing. 0 where left out. */
  readonly least?: number;
}

export interface Trend {
  readonly verdict: 'flat' | 'grows' | 'falls' | 'too short';
  /** Theil and Sen's: the middle one of the slopes between all pairs of points, which single outliers do not move. */
  readonly slopePerMinute: number;
  /** What the slope makes over the time that counts, as a share of the middle value. */
  readonly growth: number;
  readonly median: number;
}

const MIN_POINTS = 3;

/** Whether a series of one value a minute stays where it is. */
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

/** The means of so many points in a row, each at the last one's minute. */
function means(points: readonly Point[], count: number): Point[] {
  return points.slice(count - 1).map(({ minute }, index) => {
    const window = points.slice(index, index + count);
    return { minute, value: window.reduce((sum, { value }) => sum + value, 0) / count };
  });
}
