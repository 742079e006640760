import type { ErrorReport } from '../wire/from-sandbox.ts';
import { bare, cut, is, isError, SafeError, SafeString, symbolText } from './primordials.ts';

const MAX_MESSAGE = 4096;
const MAX_STACK = 16_384;
const MAX_CAUSES = 5;

type Report = { -readonly [Key in keyof ErrorReport]: ErrorReport[Key] };

/** The position of the last thrown value that carries none of its own, such as a string. */
let noted: { value: unknown; stack: string } | undefined;

/** Every `throw` of a script passes through here; what is no Error gets its position noted. */
export function note<T>(thrown: T): T {
  if (!looksLikeError(thrown)) noted = { value: thrown, stack: stackOf(new SafeError()) };
  return thrown;
}

/**
 * Describes whatever was thrown. Getters, proxies and `toString` of the script run here and may throw in turn, which
 * costs no more than the part they hid.
 */
export function describe(thrown: unknown, inspect: (value: unknown) => string, depth = 0): ErrorReport {
  if (!looksLikeError(thrown)) {
    const stack = noted !== undefined && is(noted.value, thrown) ? noted.stack : '';
    return bare({ message: cut(`Uncaught ${preview(thrown, inspect)}`, MAX_MESSAGE), stack });
  }
  const name = stringOf(thrown, 'name');
  const message = stringOf(thrown, 'message');
  const report: Report = bare({
    message: cut(name === '' ? message : message === '' ? name : `${name}: ${message}`, MAX_MESSAGE),
    stack: stackOf(thrown),
  });
  const cause = get(thrown, 'cause');
  if (cause === undefined || depth >= MAX_CAUSES) return report;
  report.cause = describe(cause, inspect, depth + 1);
  return report;
}

function looksLikeError(value: unknown): value is object {
  try {
    return isError(value) || (typeof value === 'object' && value !== null && value instanceof SafeError);
  } catch {
    return false;
  }
}

function get(target: object, key: string): unknown {
  try {
    return (target as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function stringOf(target: object, key: string): string {
  const value = get(target, key);
  if (typeof value === 'string') return value;
  return value === undefined || typeof value === 'object' || typeof value === 'function'
    ? ''
    : preview(value, () => '');
}

function stackOf(error: object): string {
  const stack = get(error, 'stack');
  return typeof stack === 'string' ? cut(stack, MAX_STACK) : '';
}

function preview(value: unknown, inspect: (value: unknown) => string): string {
  switch (typeof value) {
    case 'string':
      return `'${cut(value, MAX_MESSAGE)}'`;
    case 'symbol':
      return symbolText(value);
    case 'bigint':
      return `${SafeString(value)}n`;
    case 'object':
    case 'function':
      if (value === null) return 'null';
      try {
        return inspect(value);
      } catch {
        return typeof value === 'function' ? 'a function' : 'an object';
      }
    default:
      return SafeString(value);
  }
}
