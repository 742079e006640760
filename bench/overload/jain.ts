/**
 * Jain's fairness index: 1 if all shares are equal, 1/n if one has everything (Jain, Chiu, Hawe: A Quantitative Measure
 * of Fairness, 1984). NaN if all shares are 0.
 */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return (sum * sum) / (shares.length * squares);
}

/**
 * Number of finished executions of each participant when half of all have finished.
 * @param endsMs end times of each participant's executions
 */
export function endedAtHalf(endsMs: readonly (readonly number[])[]): number[] {
  const all = endsMs.flat().sort((one, other) => one - other);
  const half = all[Math.ceil(all.length / 2) - 1] ?? Number.NEGATIVE_INFINITY;
  return endsMs.map((ends) => ends.filter((ms) => ms <= half).length);
}
