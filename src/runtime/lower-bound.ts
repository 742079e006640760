/**
 * Binary search: the least index from 0 to `count` that nothing goes before, in a sequence where all that goes before stands first. Pure.
 *
 * @param goesBefore whether what stands at an index does
 */
export function lowerBound(count: number, goesBefore: (index: number) => boolean): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (goesBefore(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}
