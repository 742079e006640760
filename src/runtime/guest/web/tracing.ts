/** Spans that a script makes itself, as Workers have them. Their ids and times are the platform's: see sandbox/script-spans.ts. */
import { bare, port, primordials, requireArguments, sliceOf, usv } from './kit.ts';

const { apply, create, freeze, isArray, isError, keys, stringify, TypeError: SafeTypeError } = primordials;

/** UTF-16 units of a name, an attribute and an error: the same as in wire/span-step.ts. */
const MAX_TEXT = 4096;
/** `Number.MAX_SAFE_INTEGER`. */
const MAX_SAFE = 2 ** 53 - 1;

class Span {
  /** Negative: it is not recorded. */
  readonly #number: number;

  constructor(number: number) {
    this.#number = number;
  }

  static numberOf(span: Span): number {
    return span.#number;
  }

  /** Whether it is recorded. */
  get isTraced(): boolean {
    return this.#number >= 0;
  }

  /** @throws TypeError for a name that cannot be set, and for a value that is no string, number or boolean */
  setAttribute(name: unknown, value: unknown): this {
    requireArguments(arguments.length, 2, 'setAttribute');
    const attributes = create(null) as Record<string, unknown>;
    attributes[usv(name)] = attributeValue(value);
    return this.#set(attributes);
  }

  /** @throws as `setAttribute` */
  setAttributes(given: unknown): this {
    if (typeof given !== 'object' || given === null || isArray(given))
      throw new SafeTypeError('setAttributes: an object of attributes is required');
    const attributes = create(null) as Record<string, unknown>;
    const names = keys(given);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      attributes[usv(name)] = attributeValue((given as Record<string, unknown>)[name]);
    }
    return this.#set(attributes);
  }

  /** Marks it as failed. */
  recordException(thrown: unknown): this {
    return this.#set(create(null), messageOf(thrown));
  }

  end(): void {
    port('span', 'end', this.#number);
  }

  #set(attributes: object, error?: string): this {
    const problem = port('span', 'set', this.#number, stringify(bare({ attributes, error })));
    if (problem !== undefined) throw new SafeTypeError(problem as string);
    return this;
  }
}

freeze(Span.prototype);
const { numberOf } = Span;

/** An attribute that is undefined is left out of the JSON, and so not set. */
function attributeValue(value: unknown): unknown {
  if (typeof value === 'string') return sliceOf(usv(value), 0, MAX_TEXT);
  if (typeof value === 'number') return isSendable(value) ? value : `${value}`;
  if (typeof value === 'boolean' || value === undefined) return value;
  throw new SafeTypeError('an attribute of a span is a string, a number or a boolean');
}

/** Whether JSON has the number, and a collector reads it: whole numbers beyond safe integers are not read. */
const isSendable = (value: number): boolean =>
  value - value === 0 && (value % 1 !== 0 || (value >= -MAX_SAFE && value <= MAX_SAFE));

/** It may be anything: what cannot be made a text has no message. */
function messageOf(thrown: unknown): string {
  try {
    const message = isError(thrown) ? (thrown as Error).message : thrown;
    return typeof message === 'object' || typeof message === 'function' ? '' : sliceOf(usv(message), 0, MAX_TEXT);
  } catch {
    return '';
  }
}

function startSpan(name: unknown): Span {
  requireArguments(arguments.length, 1, 'startSpan');
  const text = usv(name);
  if (text === '') throw new SafeTypeError('the name of a span is empty');
  return new Span(port('span', 'start', sliceOf(text, 0, MAX_TEXT)) as number);
}

function enterSpan(name: unknown, callback: unknown): unknown {
  requireArguments(arguments.length, 2, 'enterSpan');
  if (typeof callback !== 'function') throw new SafeTypeError('enterSpan: the second argument is not a function');
  const span = startSpan(name);
  // Before the callback: what goes on after an `await` of its own comes later.
  void breakSoon();
  const before = port('span', 'enter', numberOf(span));
  let result: unknown;
  try {
    result = apply(callback as never, undefined, [span]);
    if (isThenable(result)) return settled(span, result);
  } catch (error) {
    span.recordException(error);
    span.end();
    throw error;
  } finally {
    port('span', 'leave', before);
  }
  span.end();
  return result;
}

/** The code that runs now has run to its end, once this goes on. */
async function breakSoon(): Promise<void> {
  await undefined;
  port('span', 'break');
}

const isThenable = (value: unknown): boolean =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof (value as { then?: unknown }).then === 'function';

async function settled(span: Span, result: unknown): Promise<unknown> {
  try {
    return await result;
  } catch (error) {
    span.recordException(error);
    throw error;
  } finally {
    span.end();
  }
}

export const tracing = freeze({
  enterSpan,
  startSpan,
  getActiveSpan: (): Span => new Span(port('span', 'active') as number),
});
