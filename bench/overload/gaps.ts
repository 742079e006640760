/** The longest time between two moments that follow each other; 0 where there are fewer than two. */
export function longestGap(ascendingMs: readonly number[]): number {
  return ascendingMs.slice(1).reduce((longest, ms, index) => Math.max(longest, ms - (ascendingMs[index] ?? ms)), 0);
}
