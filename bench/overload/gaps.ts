/** The longest interval between consecutive times; 0 for fewer than two. */
export function longestGap(ascendingMs: readonly number[]): number {
  return ascendingMs.slice(1).reduce((longest, ms, index) => Math.max(longest, ms - (ascendingMs[index] ?? ms)), 0);
}
