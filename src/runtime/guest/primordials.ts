/** The built-ins that run after a script has had its hands on them, taken before it could. */
export const { parse, stringify } = JSON;
export const { apply } = Reflect;
export const { assign, create, defineProperty, freeze, getOwnPropertyDescriptor, is, keys } = Object;
const { setPrototypeOf } = Object;
export const SafeError = Error;
export const SafeTypeError = TypeError;
export const SafeRangeError = RangeError;
export const SafeSyntaxError = SyntaxError;
export const SafeAggregateError = AggregateError;
export const SafeSuppressedError = (globalThis as unknown as { SuppressedError: ErrorConstructor }).SuppressedError;
export const { isArray } = Array;
export const SafeString = String;
export const { now, parse: parseDate } = Date;
export const SafePromise = Promise;
export const SafeProxy = Proxy;
export const SafeWeakRef = WeakRef;
const { deref } = WeakRef.prototype;
export const isError: (value: unknown) => boolean =
  (Error as { isError?: (value: unknown) => boolean }).isError ?? ((value) => value instanceof SafeError);

export const errorToString = Error.prototype.toString;
export const SafeFunction = Function;
export const functionToString = Function.prototype.toString;

export const SafeWeakMap = WeakMap;
const { get: mapGet, set: mapSet } = WeakMap.prototype;

/** `map.get(key)` and `map.set(key, value)` of a weak map, whatever a script has put in their place. */
export const getOf = <V>(map: WeakMap<object, V>, key: object): V | undefined =>
  apply(mapGet, map, [key]) as V | undefined;
export const setOf = <V>(map: WeakMap<object, V>, key: object, value: V): void =>
  void apply(mapSet, map, [key, value] as never);

const { endsWith: stringEndsWith, slice, split } = String.prototype;

export const endsWith = (text: string, end: string): boolean => apply(stringEndsWith, text, [end]) as boolean;
const { toString: symbolToString } = Symbol.prototype;

/** The first `length` UTF-16 units of a string. */
export const cut = (text: string, length: number): string =>
  text.length > length ? (apply(slice, text, [0, length]) as string) : text;

export const splitAt = (text: string, separator: string): string[] => apply(split, text, [separator]) as string[];

export const symbolText = (symbol: symbol): string => apply(symbolToString, symbol, []) as string;

/** Whether garbage collection has taken what a reference points to. */
export const isCollected = (reference: WeakRef<object>): boolean => apply(deref, reference, []) === undefined;

/** Takes the prototype away from a fresh object: the script may have put a `toJSON` or a `get` there. */
export const bare = <T extends object>(value: T): T => setPrototypeOf(value, null) as T;
