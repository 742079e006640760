/**
 * Whether an object holds every field that is wanted of it, with its value: what others have added does not count, but in
 * lists, which are wanted whole. A field that is wanted empty may be absent. Pure.
 */
export function covers(actual: unknown, wanted: unknown): boolean {
  if (wanted === null || typeof wanted !== 'object') return actual === wanted;
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) return actual === undefined || (Array.isArray(actual) && actual.length === 0);
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, index) => covers(actual[index], item))
    );
  }
  const fields = Object.entries(wanted);
  if (actual === undefined) return fields.length === 0;
  if (actual === null || typeof actual !== 'object' || Array.isArray(actual)) return false;
  return fields.every(([name, value]) => covers((actual as Record<string, unknown>)[name], value));
}
