const KINDS = { Error, RangeError, ReferenceError, SyntaxError, TypeError } as const;
const NO_ERROR =
  'An object was thrown from supplied code within isolated-vm, but that object was not an instance of `Error`.';

/** What a context has thrown, copied as isolated-vm copies it: an error by its message, stack and kind, anything else that has no copy by a message. */
export function copyOfThrown(thrown: unknown): unknown {
  const isObject = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function';
  if (!isObject) return typeof thrown === 'symbol' ? new Error(NO_ERROR) : thrown;
  const kind = KINDS[textOf(() => (thrown as object).constructor.name) as keyof typeof KINDS];
  const message = textOf(() => (thrown as Error).message);
  const stack = textOf(() => (thrown as Error).stack);
  if (kind === undefined && !message && !stack) return new Error(NO_ERROR);
  const copy = new (kind ?? Error)(message ?? '');
  if (kind === undefined) copy.name = textOf(() => (thrown as Error).name) ?? 'Error';
  copy.stack = `${copy.name}: ${copy.message}${framesOf(stack ?? '')}\n    at (<isolated-vm boundary>)`;
  return copy;
}

const framesOf = (stack: string): string => stack.slice(Math.max(0, stack.search(/\n {4}at|$(?![\s\S])/)));

/** Getters of the script may throw. */
function textOf(get: () => unknown): string | undefined {
  try {
    const value = get();
    return value === undefined ? undefined : String(value);
  } catch {
    return undefined;
  }
}
