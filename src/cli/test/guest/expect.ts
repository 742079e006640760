import { hasMembers, isEqual } from './equality.ts';
import { show } from './show.ts';

type Class = abstract new (...args: never[]) => unknown;

/** Whether an actual value is as expected, and how a message says so. */
type Check = (actual: unknown, ...expected: never[]) => readonly [passes: boolean, what: string];

const compared =
  (word: string, holds: (a: number, b: number) => boolean): Check =>
  (actual, expected: never) => [holds(actual as number, expected), `be ${word} ${show(expected)}`];

const CHECKS: Readonly<Record<string, Check>> = {
  toBe: (actual, expected) => [Object.is(actual, expected), `be ${show(expected)}`],
  toEqual: (actual, expected) => [isEqual(actual, expected), `equal ${show(expected)}`],
  toMatchObject: (actual, expected) => [hasMembers(actual, expected), `match ${show(expected)}`],
  toBeTruthy: (actual) => [Boolean(actual), 'be truthy'],
  toBeFalsy: (actual) => [!actual, 'be falsy'],
  toBeNull: (actual) => [actual === null, 'be null'],
  toBeUndefined: (actual) => [actual === undefined, 'be undefined'],
  toBeDefined: (actual) => [actual !== undefined, 'be defined'],
  toBeInstanceOf: (actual, expected: Class) => [actual instanceof expected, `be an instance of ${expected.name}`],
  toBeGreaterThan: compared('above', (a, b) => a > b),
  toBeGreaterThanOrEqual: compared('at least', (a, b) => a >= b),
  toBeLessThan: compared('below', (a, b) => a < b),
  toBeLessThanOrEqual: compared('at most', (a, b) => a <= b),
  toBeCloseTo: (actual, expected: number, digits: number = 2) => [
    actual === expected || Math.abs((actual as number) - expected) < 10 ** -digits / 2,
    `be close to ${expected}`,
  ],
  toMatch: (actual, expected: string | RegExp) => [
    typeof expected === 'string' ? String(actual).includes(expected) : expected.test(String(actual)),
    `match ${show(expected)}`,
  ],
  toContain: (actual, expected: never) => [
    typeof actual === 'string' ? actual.includes(expected) : [...(actual as Iterable<unknown>)].includes(expected),
    `contain ${show(expected)}`,
  ],
  toContainEqual: (actual, expected) => [
    [...(actual as Iterable<unknown>)].some((item) => isEqual(item, expected)),
    `contain ${show(expected)}`,
  ],
  toHaveLength: (actual, expected: number) => [
    (actual as { length?: unknown } | null)?.length === expected,
    `have length ${expected}`,
  ],
};

/** Matchers of a value, as Jest has them. */
export function expect(actual: unknown): unknown {
  const matchers = matchersOf(actual, false);
  return {
    ...matchers,
    resolves: settled(Promise.resolve(actual), (promise) => promise),
    rejects: settled(Promise.resolve(actual), (promise) =>
      promise.then(
        (value) => fail(`expected a promise to be rejected, and it was fulfilled with ${show(value)}`, expect),
        (reason: unknown) => reason,
      ),
    ),
  };
}

function matchersOf(actual: unknown, negated: boolean): Record<string, unknown> {
  const matchers: Record<string, unknown> = {
    toThrow: function toThrow(expected?: string | RegExp | Class) {
      judge(thrownBy(actual), expected, negated, toThrow);
    },
  };
  for (const [name, check] of Object.entries(CHECKS)) {
    matchers[name] = function matcher(...expected: unknown[]) {
      const [passes, what] = check(actual, ...(expected as never[]));
      if (passes === negated) fail(`expected ${show(actual)} ${negated ? 'not ' : ''}to ${what}`, matcher);
    };
  }
  if (!negated) matchers.not = matchersOf(actual, true);
  return matchers;
}

/** Matchers that wait. */
function settled(promise: Promise<unknown>, take: (promise: Promise<unknown>) => Promise<unknown>): unknown {
  // Whoever does not look is told of a rejection by the matcher that does, or not at all.
  promise.catch(() => {});
  const later = (negated: boolean) =>
    Object.fromEntries(
      [...Object.keys(CHECKS), 'toThrow'].map((name) => [
        name,
        async (...expected: unknown[]) => {
          const actual = await take(promise);
          const value = name === 'toThrow' ? () => raise(actual) : actual;
          (matchersOf(value, negated)[name] as (...args: unknown[]) => void)(...expected);
        },
      ]),
    );
  return { ...later(false), not: later(true) };
}

function judge(
  thrown: { readonly error: unknown } | undefined,
  expected: string | RegExp | Class | undefined,
  negated: boolean,
  matcher: () => void,
): void {
  const passes = thrown !== undefined && isExpected(thrown.error, expected);
  if (passes !== negated) return;
  const what = expected === undefined ? '' : ` ${typeof expected === 'function' ? expected.name : show(expected)}`;
  const was = thrown === undefined ? 'it did not' : `it threw ${show(thrown.error)}`;
  fail(`expected a function ${negated ? 'not ' : ''}to throw${what}, and ${was}`, matcher);
}

function isExpected(error: unknown, expected: string | RegExp | Class | undefined): boolean {
  if (expected === undefined) return true;
  if (typeof expected === 'function') return error instanceof expected;
  const message = error instanceof Error ? error.message : String(error);
  return typeof expected === 'string' ? message.includes(expected) : expected.test(message);
}

function thrownBy(action: unknown): { readonly error: unknown } | undefined {
  try {
    (action as () => void)();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function raise(value: unknown): never {
  throw value;
}

/** Fails a test at the line that called the matcher. */
function fail(message: string, matcher: unknown): never {
  const error = new Error(message);
  error.name = 'AssertionError';
  (Error as unknown as { captureStackTrace(error: Error, below: unknown): void }).captureStackTrace(error, matcher);
  throw error;
}
