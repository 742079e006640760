/**
 * Jain's fairness index of shares: 1 where all are equal, 1/n where one has everything (Jain, Chiu, Hawe: A Quantitative
 * Measure of Fairness, 1984). NaN where nobody has anything.
 */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return (sum * sum) / (shares.length * squares);
}

/**
 * How many of each have ended at the moment when half of all have.
 * @param endsMs of each, when its executions ended
 */
export function endedAtHalf(endsMs: readonly (readonly number[])[]): number[] {
  const all = endsMs.flat().sort((one, other) => one - other);
  const half = all[Math.ceil(all.length / 2) - 1] ?? Number.NEGATIVE_INFINITY;
  return endsMs.map((ends) => ends.filter((ms) => ms <= half).length);
}
