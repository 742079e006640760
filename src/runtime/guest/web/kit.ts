import type { FailureHooks } from '../failures.ts';
import type { ReadBody, SendStep } from '../fetch-steps.ts';
import type { Port } from '../port.ts';
import type { SafeObject, WebPrimordials } from './primordials.ts';

/** What the guest gives the web platform's code. */
export interface Kit {
  readonly port: Port;
  readonly primordials: WebPrimordials;
  /** Stands for the global `Object` in the bundle: what esbuild wraps around modules calls its methods. */
  readonly object: SafeObject;
  /** Ends the execution with what was thrown, as if nothing had caught it. */
  report(thrown: unknown): unknown;
  setTimeout(callback: () => void, delayMs: number): number;
  /** Filled in once a script listens for failures. */
  readonly failures: FailureHooks;
  readonly sendStep: SendStep;
  readonly sendPart: SendStep;
  readonly readBody: ReadBody;
  /** Makes an interface that the script may use a data property, as it is in browsers. By the interface's name. */
  readonly lazy: Readonly<Record<string, (value: unknown) => void>>;
}

/** Declared by scripts/web-modules.ts around what it builds. */
declare const kit: Kit;

export const { failures, port, primordials, readBody, report, sendPart, sendStep, setTimeout } = kit;
const {
  apply,
  arrayJoin,
  create,
  defineProperty,
  getOwnPropertyDescriptor,
  ownKeys,
  setPrototypeOf,
  textSlice,
  textSplit,
  textToWellFormed,
  toStringTag,
} = primordials;
const {
  inspectCustom,
  isArray,
  Set: SafeSet,
  TypeError: SafeTypeError,
  arrayPrototype,
  getPrototypeOf,
  setAdd,
  setHas,
} = primordials;

/** Takes the prototype away from a fresh object: a script may have put anything there. */
export const bare = <T extends object>(value: T): T => setPrototypeOf(value, null) as T;

/** A list of ours as the script may have it. */
export const asArray = <T>(list: T[]): T[] => setPrototypeOf(list, arrayPrototype) as T[];

export const splitAt = (text: string, separator: string): string[] => bare(apply(textSplit, text, [separator]));
export const sliceOf = (text: string, from: number, to?: number): string => apply(textSlice, text, [from, to]);

/** WebIDL's USVString: text without lone surrogates. */
export const usv = (value: unknown): string => apply(textToWellFormed, `${value as string}`, []);

/** Throws as WebIDL does where a call has too few arguments. */
export function requireArguments(got: number, needed: number, what: string): void {
  if (got < needed)
    throw new SafeTypeError(`${what}: ${needed} argument${needed === 1 ? '' : 's'} required, ${got} present`);
}

const ENUMERABLE = { __proto__: null, enumerable: true } as PropertyDescriptor;

/** Prototypes of the platform's interfaces. */
const interfaces = new SafeSet<object>();

/** Whether an object is of an interface of the platform, and not only of the language. */
export function isPlatformObject(value: object): boolean {
  for (let each = getPrototypeOf(value) as object | null; each !== null; each = getPrototypeOf(each) as object | null) {
    if (apply(setHas, interfaces, [each])) return true;
  }
  return false;
}

/**
 * Makes a class look as WebIDL says: members can be enumerated, and objects have its name.
 * @param pairsOf of an interface whose values are pairs, names and values by turns
 */
export function asInterface(
  Interface: { readonly prototype: object },
  name: string,
  pairsOf?: (value: object) => readonly unknown[],
): void {
  const { prototype } = Interface;
  apply(setAdd, interfaces, [prototype]);
  // An error is shown with its stack.
  if (name !== 'DOMException' && name !== 'QuotaExceededError')
    defineProperty(prototype, inspectCustom, {
      __proto__: null,
      value: shown(name, pairsOf),
      configurable: true,
    } as PropertyDescriptor);
  const members = ownKeys(prototype);
  for (let i = 0; i < members.length; i++) {
    const key = members[i] as string;
    if (key !== 'constructor' && typeof key === 'string') defineProperty(prototype, key, ENUMERABLE);
  }
  const statics = ownKeys(Interface);
  for (let i = 0; i < statics.length; i++) {
    const key = statics[i] as string;
    if (key !== 'length' && key !== 'name' && key !== 'prototype') defineProperty(Interface, key, ENUMERABLE);
  }
  defineProperty(Interface, 'name', { __proto__: null, value: name } as PropertyDescriptor);
  defineProperty(prototype, toStringTag, { __proto__: null, value: name, configurable: true } as PropertyDescriptor);
}

type Show = (
  depth: number,
  options: { depth: number | null },
  inspect: (value: unknown, options: object) => string,
) => string;

/** How the console shows an object of an interface: what its accessors say, or its pairs. */
function shown(name: string, pairsOf: ((value: object) => readonly unknown[]) | undefined): Show {
  return function (this: object, depth, options, inspect) {
    const className = classNameOf(this) ?? name;
    if (depth < 0) return `[${className}]`;
    let view: object = {};
    try {
      view = pairsOf === undefined ? accessorsOf(this) : recordOf(pairsOf(this));
    } catch {
      // the prototype itself, of which there is nothing to show
    }
    return `${className} ${inspect(view, { ...options, depth: options.depth === null ? null : options.depth - 1 })}`;
  };
}

/** Of an object of a class that a script derives from an interface, the name of that class. */
function classNameOf(value: object): string | undefined {
  try {
    const Class: unknown = value.constructor;
    const name = typeof Class === 'function' ? getOwnPropertyDescriptor(Class, 'name')?.value : undefined;
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch {
    return undefined; // a getter of the script's
  }
}

/** What another accessor says as well, and the body, which would become a stream. */
const HIDDEN: object = {
  __proto__: null,
  body: 1,
  cancelBubble: 1,
  returnValue: 1,
  srcElement: 1,
  webkitRelativePath: 1,
};

function accessorsOf(value: object): object {
  const view: Record<string, unknown> = {};
  for (let each = getPrototypeOf(value) as object | null; each !== null; each = getPrototypeOf(each) as object | null) {
    if (!apply(setHas, interfaces, [each])) continue;
    const names = ownKeys(each);
    for (let i = 0; i < names.length; i++) {
      const key = names[i] as string;
      if (typeof key !== 'string' || key in HIDDEN || getOwnPropertyDescriptor(each, key)?.get === undefined) continue;
      view[key] = (value as Record<string, unknown>)[key];
    }
  }
  return view;
}

/** Names with their value, or with a list of them. */
function recordOf(pairs: readonly unknown[]): object {
  const record: Record<string, unknown> = {};
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] as string;
    const known = record[name];
    record[name] =
      known === undefined ? pairs[i + 1] : isArray(known) ? [...known, pairs[i + 1]] : [known, pairs[i + 1]];
  }
  return record;
}

/** The members of an options object, which may be missing. */
export function dictionary(value: unknown, what: string): Record<string, unknown> {
  if (value === undefined || value === null) return create(null);
  if (typeof value !== 'object' && typeof value !== 'function')
    throw new SafeTypeError(`${what}: the options are not an object`);
  return value as Record<string, unknown>;
}

/** Copies accessors and methods to a prototype, as WebIDL defines them. */
export function defineMethods(prototype: object, members: object): void {
  const names = ownKeys(members);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    defineProperty(prototype, name, bare(getOwnPropertyDescriptor(members, name) as PropertyDescriptor));
  }
}

/** @throws TypeError where a value is none of an enumeration's */
export function oneOf<T extends string>(value: unknown, values: readonly T[], what: string): T {
  const text = `${value as string}`;
  for (let i = 0; i < values.length; i++) if (values[i] === text) return text as T;
  throw new SafeTypeError(`${what}: '${sliceOf(text, 0, 100)}' is none of ${apply(arrayJoin, values, [', '])}`);
}
