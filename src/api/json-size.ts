/**
 * Whether a value has more than `max` values in it, itself included. Does not recurse, and ends as soon as it is known: what validates
 * JSON may write much for each value that does not fit.
 */
export function hasMoreValues(value: unknown, max: number): boolean {
  let left = max;
  const open = [value];
  while (open.length > 0) {
    if (left-- <= 0) return true;
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const members = Array.isArray(next) ? next : Object.values(next);
    if (members.length > left) return true;
    for (const member of members) open.push(member);
  }
  return false;
}
