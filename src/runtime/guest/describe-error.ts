import type { ErrorReport } from '../wire/from-sandbox.ts';
import {
  bare,
  cut,
  endsWith,
  is,
  isArray,
  isError,
  SafeAggregateError,
  SafeError,
  SafeString,
  SafeSuppressedError,
  SafeSyntaxError,
  SafeTypeError,
  symbolText,
} from './primordials.ts';
import { framesOf, recentError } from './stack-trace.ts';

const MAX_MESSAGE = 4096;
const MAX_STACK = 16_384;
const MAX_CAUSES = 5;
const MAX_ERRORS = 10;

type Report = { -readonly [Key in keyof ErrorReport]: ErrorReport[Key] };
type Inspect = (value: unknown) => string;

/** What was thrown, and an Error made there: it has the place where the thrown value has none of its own. */
interface Noted {
  readonly value: unknown;
  readonly at: object | undefined;
}

/** What was noted last. */
let noted: Noted | undefined;
/** Objects that were noted since the guest was entered, up to the last `catch`: what isolated-vm copies is one of them. */
const objects = { __proto__: null } as unknown as Record<number, Noted>;
const MAX_OBJECTS = 16;
let count = 0;

/** Every `throw` and `reject` but that of a new Error passes through here, and every `catch`, with nothing. */
export function note(thrown?: unknown): unknown {
  // biome-ignore lint/complexity/noArguments: undefined may be thrown too
  if (arguments.length === 0) {
    noted = undefined;
    count = 0;
    return undefined;
  }
  keep({ value: thrown, at: errorHere() });
  return thrown;
}

/** Notes what ends the run whatever else was thrown: where it was thrown if that was noted last, else here. */
export function noteRaised(thrown: unknown): unknown {
  count = 0;
  keep(noted !== undefined && is(noted.value, thrown) ? noted : { value: thrown, at: errorHere() });
  return thrown;
}

function keep(what: Noted): void {
  noted = what;
  if (isObjectLike(what.value)) objects[count++ % MAX_OBJECTS] = what;
}

/** What is not handled by the time the isolate is left is told then: objects noted before are none of it. */
export function forgetNotedObjects(): void {
  count = 0;
}

const FRAMES = 10;

/** An Error with the frames of the caller, whose text is not made yet. */
function errorHere(): object | undefined {
  const limited = SafeError as { stackTraceLimit?: unknown };
  try {
    const { stackTraceLimit } = limited;
    if ((stackTraceLimit as number) >= 1) return new SafeError();
    limited.stackTraceLimit = FRAMES;
    const error = new SafeError();
    limited.stackTraceLimit = stackTraceLimit;
    return error;
  } catch {
    return undefined; // it is the script's to define
  }
}

/** The frames of the caller. */
export function framesHere(): string {
  const error = errorHere();
  return error === undefined ? '' : framesOf(error);
}

/** The frames of what was thrown where it was noted. */
const notedFrames = (thrown: unknown): string =>
  noted?.at !== undefined && is(noted.value, thrown) ? framesOf(noted.at) : '';

/**
 * Describes whatever was thrown. Getters, proxies and `toString` of the script run here and may throw in turn, which
 * costs no more than the part they hid.
 */
export function describe(thrown: unknown, inspect: Inspect, depth = 0): ErrorReport {
  if (!looksLikeError(thrown)) {
    return bare({ message: cut(`Uncaught ${preview(thrown, inspect)}`, MAX_MESSAGE), stack: stackOf(thrown) });
  }
  const name = stringOf(thrown, 'name');
  const message = stringOf(thrown, 'message');
  const report: Report = bare({
    message: cut(name === '' ? message : message === '' ? name : `${name}: ${message}`, MAX_MESSAGE),
    stack: cut(framesOf(thrown) || notedFrames(thrown), MAX_STACK),
  });
  if (depth >= MAX_CAUSES) return report;
  const cause = get(thrown, 'cause');
  if (cause !== undefined) report.cause = describe(cause, inspect, depth + 1);
  const errors = reasons(thrown);
  if (errors.length > 0) {
    const list = bare([]) as unknown as ErrorReport[];
    for (let i = 0; i < errors.length && i < MAX_ERRORS; i++) list[i] = describe(errors[i], inspect, depth + 1);
    report.errors = list;
  }
  return report;
}

/**
 * Describes what isolated-vm has copied out of the isolate. An Error is found again by its stack, which was read for the
 * copy; another object where its `throw` was noted.
 */
export function describeCopied(
  isObject: boolean,
  value: unknown,
  frames: string,
  name: string,
  inspect: Inspect,
): ErrorReport {
  if (!isObject) return describe(value, inspect);
  const error = recentError(value as string, frames);
  if (error !== undefined) return describe(error, inspect);
  const copied = copiedObject(value as string);
  if (copied !== undefined) {
    noted = copied;
    return describe(copied.value, inspect);
  }
  const message = value === NO_ERROR ? UNKNOWN : `${name}: ${value as string}`;
  return bare({ message: cut(message, MAX_MESSAGE), stack: frames });
}

/** The thing itself, for a script that catches it: a new Error where it is not to be found. */
export function original(isObject: boolean, value: unknown, frames: string, name: string): unknown {
  if (!isObject) return value;
  const error = recentError(value as string, frames);
  if (error !== undefined) return error;
  const copied = copiedObject(value as string);
  if (copied !== undefined) return copied.value;
  return new (constructorOf(name))(value === NO_ERROR ? UNKNOWN : (value as string));
}

const constructorOf = (name: string): ErrorConstructor =>
  name === 'TypeError' ? SafeTypeError : name === 'SyntaxError' ? SafeSyntaxError : SafeError;

/** How isolated-vm calls an object that is no Error. */
const NO_ERROR =
  'An object was thrown from supplied code within isolated-vm, but that object was not an instance of `Error`.';

/** Stands for an object of which nothing is known. */
const UNKNOWN = 'Uncaught object';

/** The noted object that was copied with this message, if that can be one alone: isolated-vm takes whatever has one for an error. */
function copiedObject(message: string): Noted | undefined {
  let found: Noted | undefined;
  for (let i = 0; i < count && i < MAX_OBJECTS; i++) {
    const each = objects[i] as Noted;
    const own = stringOf(each.value as object, 'message');
    if (message === NO_ERROR ? own !== '' : own !== message) continue;
    if (found !== undefined && !is(found.value, each.value)) return undefined;
    found = each;
  }
  return found;
}

const isObjectLike = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol';

/** What an AggregateError or a SuppressedError is made of. */
function reasons(error: object): readonly unknown[] {
  try {
    if (error instanceof SafeAggregateError) {
      const { errors } = error as { errors?: unknown };
      return isArray(errors) ? errors : [];
    }
    if (error instanceof SafeSuppressedError) return [get(error, 'error'), get(error, 'suppressed')];
  } catch {
    // a proxy of the script's
  }
  return [];
}

/** Of what is no Error: the stack of its own, and behind it where it was thrown, for one without frames of the script. */
function stackOf(thrown: unknown): string {
  const frames = notedFrames(thrown); // before a getter of the script's throws
  const own = ownStack(thrown);
  return endsWith(own, frames) ? own : cut(own + frames, MAX_STACK);
}

/** The stack that a script has given to an object that is no Error, such as that of an Error made for it. */
function ownStack(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  const stack = get(thrown, 'stack');
  return typeof stack === 'string' ? cut(stack, MAX_STACK) : '';
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

function preview(value: unknown, inspect: Inspect): string {
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
      return is(value, -0) ? '-0' : SafeString(value);
  }
}
