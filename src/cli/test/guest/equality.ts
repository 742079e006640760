/** Whether two values are equal in all parts, as Jest's `toEqual` has it: members that are undefined count for nothing. */
export function isEqual(a: unknown, b: unknown, seen: readonly (readonly [unknown, unknown])[] = []): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (seen.some(([x, y]) => x === a && y === b)) return true;
  const pairs = [...seen, [a, b] as const];
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp && b instanceof RegExp) return String(a) === String(b);
  if (a instanceof Error && b instanceof Error) return a.name === b.name && a.message === b.message;
  if (a instanceof Map && b instanceof Map) return sameEntries([...a], [...b], pairs);
  if (a instanceof Set && b instanceof Set) return sameEntries([...a], [...b], pairs);
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false;
  const keys = new Set([...definedKeys(a), ...definedKeys(b)]);
  return [...keys].every((key) => isEqual(member(a, key), member(b, key), pairs));
}

/** Whether a value has at least the members of another, in all depths. */
export function hasMembers(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return isEqual(actual, expected);
  }
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, index) => hasMembers(actual[index], item))
    );
  }
  return Reflect.ownKeys(expected).every(
    (key) => key in actual && hasMembers(member(actual, key), member(expected, key)),
  );
}

/** The same entries, in any order. */
function sameEntries(a: unknown[], b: unknown[], seen: readonly (readonly [unknown, unknown])[]): boolean {
  if (a.length !== b.length) return false;
  const left = [...b];
  return a.every((entry) => {
    const index = left.findIndex((other) => isEqual(entry, other, seen));
    if (index !== -1) left.splice(index, 1);
    return index !== -1;
  });
}

const definedKeys = (value: object): PropertyKey[] =>
  Reflect.ownKeys(value).filter((key) => {
    return Object.getOwnPropertyDescriptor(value, key)?.enumerable === true && member(value, key) !== undefined;
  });

const member = (value: object, key: PropertyKey): unknown => (value as Record<PropertyKey, unknown>)[key];
