/** structuredClone, after HTML's StructuredSerialize and StructuredDeserialize in one step. */
import { type Blob, blobOf, bytesOfBlob, File, isBlob, isFile } from './blob.ts';
import { DOMException, QuotaExceededError } from './dom-exception.ts';
import { isBuffer } from './is-buffer.ts';
import { dictionary, isPlatformObject, primordials, requireArguments } from './kit.ts';

const {
  apply,
  Array: SafeArray,
  bigintValueOf,
  booleanValueOf,
  bufferByteLength,
  bufferDetached,
  bufferMaxByteLength,
  bufferResizable,
  bufferSlice,
  bufferTransfer,
  DataView: SafeDataView,
  dateGetTime,
  defineProperty,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isArray,
  isError,
  isView,
  iterator,
  keys,
  mapForEach,
  Map: SafeMap,
  numberValueOf,
  Object: SafeObject,
  objectPrototype,
  objectToString,
  regexpFlags,
  RegExp: SafeRegExp,
  regexpSource,
  setForEach,
  Set: SafeSet,
  stringValueOf,
  symbolValueOf,
  TypeError: SafeTypeError,
  typedBuffer,
  typedByteOffset,
  typedLength,
  typedName,
  typedSet,
  viewBuffer,
  viewByteLength,
  viewByteOffset,
} = primordials;

const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
} as never;
const TYPED_ARRAYS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
  Float16Array: (globalThis as unknown as { Float16Array: Uint8ArrayConstructor }).Float16Array,
} as unknown as Readonly<Record<string, new (buffer: ArrayBuffer, offset: number, length?: number) => ArrayBufferView>>;
const weakMapHas = WeakMap.prototype.has;
const weakSetHas = WeakSet.prototype.has;
const promiseThen = Promise.prototype.then;

/** How ports are transferred, once there can be one. */
let ports = {
  isPort: (_: unknown): boolean => false,
  /** Whether a port has been transferred already. */
  isDetached: (_: object): boolean => false,
  move: (port: object): object => port,
};
export const setPorts = (theirs: typeof ports): void => {
  ports = theirs;
};

export const { structuredClone } = {
  structuredClone(value: unknown, options: unknown = undefined): unknown {
    requireArguments(arguments.length, 1, 'structuredClone');
    const { transfer } = dictionary(options, 'structuredClone');
    return clone(value, transfer === undefined ? [] : transferList(transfer)).value;
  },
};

export function transferList(transfer: unknown): object[] {
  if (typeof transfer !== 'object' || transfer === null || typeof (transfer as never)[iterator] !== 'function') {
    throw new SafeTypeError('structuredClone: transfer is not a sequence of objects');
  }
  const list: object[] = [];
  for (const each of transfer as Iterable<unknown>) {
    if ((typeof each !== 'object' && typeof each !== 'function') || each === null) {
      throw new SafeTypeError('structuredClone: what is transferred is not an object');
    }
    list.push(each);
  }
  return list;
}

/**
 * Clones a value and moves what is transferred.
 * @returns the clone, and what has been moved in the order of the list
 * @throws DOMException DataCloneError, before anything is moved
 */
export function clone(value: unknown, transfer: readonly object[]): { value: unknown; transferred: unknown[] } {
  const views: View[] = [];
  const copies = new SafeMap<object, unknown>();
  if (transfer.length === 0) return { value: new Cloner(copies, views).clone(value), transferred: [] };
  const moves = new SafeMap<object, () => unknown>();
  for (const each of transfer) {
    if (moves.has(each)) throw notClonable('an object is transferred twice');
    moves.set(each, moveOf(each));
  }
  // Once for its errors, and for what a view says before its buffer is gone; then with what has been moved.
  for (const each of transfer) copies.set(each, MOVED);
  new Cloner(copies, views).clone(value);
  const moved = new SafeMap<object, unknown>();
  for (const each of transfer) moved.set(each, moves.get(each)?.());
  for (const { view, buffer, make } of views) moved.set(view, make(moved.get(buffer) as ArrayBuffer));
  return {
    value: new Cloner(moved, []).clone(value),
    transferred: transfer.map((each) => moved.get(each)),
  };
}

/** Stands for what will be moved. */
const MOVED = {};

interface View {
  readonly view: object;
  readonly buffer: ArrayBuffer;
  make(of: ArrayBuffer): object;
}

function moveOf(each: object): () => unknown {
  if (ports.isPort(each) && !ports.isDetached(each)) return () => ports.move(each);
  if (!isBuffer(each) || apply(bufferDetached, each, [])) throw notClonable(`${kindOf(each)} cannot be transferred`);
  return () => apply(bufferTransfer as never, each, [] as never);
}

class Cloner {
  readonly #copies: Map<object, unknown>;
  /** Views of what will be moved are added to it. */
  readonly #views: View[];

  constructor(copies: Map<object, unknown>, views: View[]) {
    this.#copies = copies;
    this.#views = views;
  }

  clone(value: unknown): unknown {
    if (typeof value === 'symbol') throw notClonable('a symbol could not be cloned');
    if (typeof value === 'function') throw notClonable('a function could not be cloned');
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (isArray(value)) return this.#members(value, this.#remember(value, new SafeArray(value.length)));
    const prototype = getPrototypeOf(value) as object | null;
    if (prototype === objectPrototype || prototype === null) return this.#members(value, this.#remember(value, {}));
    return this.#special(value);
  }

  #remember<T extends object>(value: object, copy: T): T {
    this.#copies.set(value, copy);
    return copy;
  }

  #members(value: object, copy: object): object {
    for (const key of keys(value)) {
      // A getter may have deleted what follows.
      if (getOwnPropertyDescriptor(value, key) === undefined) continue;
      const member = this.clone((value as Record<string, unknown>)[key]);
      defineProperty(copy, key, { value: member, writable: true, enumerable: true, configurable: true });
    }
    return copy;
  }

  #special(value: object): unknown {
    if (isView(value)) return this.#view(value);
    if (isBuffer(value)) return this.#remember(value, copyOfBuffer(value));
    if (isError(value)) return this.#error(value as Error);
    if (isBlob(value)) return this.#remember(value, copyOfBlob(value));
    if (isPlatformObject(value)) throw notClonable(`${kindOf(value)} could not be cloned`);
    const entries = entriesOf(value);
    if (entries !== undefined) {
      const copy = this.#remember(value, new SafeMap<unknown, unknown>());
      for (const [key, each] of entries) copy.set(this.clone(key), this.clone(each));
      return copy;
    }
    const values = valuesOf(value);
    if (values !== undefined) {
      const copy = this.#remember(value, new SafeSet<unknown>());
      for (const each of values) copy.add(this.clone(each));
      return copy;
    }
    const plain = copyOfWrapper(value);
    if (plain !== undefined) return this.#remember(value, plain);
    if (isUnclonable(value)) throw notClonable(`${kindOf(value)} could not be cloned`);
    return this.#members(value, this.#remember(value, {}));
  }

  #view(view: ArrayBufferView): unknown {
    const name = apply(typedName, view, []) as string | undefined;
    const buffer = apply((name === undefined ? viewBuffer : typedBuffer) as () => ArrayBuffer, view, []);
    if (apply(bufferDetached, buffer, []) || isOutOfBounds(view, name))
      throw notClonable('a view of a detached buffer, or of more than there is of one, could not be cloned');
    const offset = apply((name === undefined ? viewByteOffset : typedByteOffset) as () => number, view, []);
    const length = apply((name === undefined ? viewByteLength : typedLength) as () => number, view, []);
    const make = (of: ArrayBuffer): object =>
      name === undefined
        ? new SafeDataView(of, offset, length)
        : new (TYPED_ARRAYS[name] as NonNullable<(typeof TYPED_ARRAYS)[string]>)(of, offset, length);
    const copy = this.clone(buffer);
    if (copy !== MOVED) return this.#remember(view, make(copy as ArrayBuffer));
    this.#views.push({ view, buffer, make });
    return this.#remember(view, MOVED);
  }

  #error(error: Error): unknown {
    if (error instanceof QuotaExceededError) {
      const { quota, requested } = error;
      const options = { quota: quota ?? undefined, requested: requested ?? undefined };
      return this.#remember(error, new QuotaExceededError(error.message, options));
    }
    if (error instanceof DOMException) {
      return this.#remember(error, new DOMException(error.message, error.name));
    }
    const Constructor = ERRORS[`${error.name}`] ?? Error;
    const message = getOwnPropertyDescriptor(error, 'message');
    const text = message !== undefined && 'value' in message ? `${message.value as string}` : undefined;
    const copy = this.#remember(error, new Constructor(text));
    const { stack } = error;
    if (typeof stack === 'string') defineProperty(copy, 'stack', { value: stack, writable: true, configurable: true });
    if (getOwnPropertyDescriptor(error, 'cause') !== undefined) {
      const cause = this.clone(error.cause);
      defineProperty(copy, 'cause', { value: cause, writable: true, configurable: true });
    }
    return copy;
  }
}

/** Whether a view begins or ends behind the end of its buffer, which has been made smaller. Setting no elements asks for it and no more. */
const isOutOfBounds = (view: object, name: string | undefined): boolean =>
  name === undefined ? !does(viewByteLength, view) : !does(typedSet, view, []);

function copyOfBuffer(buffer: ArrayBuffer): ArrayBuffer {
  if (apply(bufferDetached, buffer, [])) throw notClonable('a detached ArrayBuffer could not be cloned');
  const length = apply(bufferByteLength as () => number, buffer, []);
  if (!apply(bufferResizable, buffer, [])) return apply(bufferSlice as never, buffer, [0] as never);
  const maxByteLength = apply(bufferMaxByteLength as () => number, buffer, []);
  const copy = new ArrayBuffer(length, { maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

function copyOfBlob(blob: Blob): Blob {
  if (!isFile(blob)) return blobOf(bytesOfBlob(blob), blob.type);
  return new File([blob], blob.name, { type: blob.type, lastModified: blob.lastModified });
}

function entriesOf(value: object): [unknown, unknown][] | undefined {
  const entries: [unknown, unknown][] = [];
  const isMap = does(mapForEach, value, (each: unknown, key: unknown) => void entries.push([key, each]));
  return isMap ? entries : undefined;
}

function valuesOf(value: object): unknown[] | undefined {
  const values: unknown[] = [];
  return does(setForEach, value, (each: unknown) => void values.push(each)) ? values : undefined;
}

/** A date, a regular expression, or an object around a primitive. */
function copyOfWrapper(value: object): object | undefined {
  try {
    return new Date(apply(dateGetTime, value, []));
  } catch {}
  for (const unwrap of [booleanValueOf, numberValueOf, stringValueOf, bigintValueOf]) {
    try {
      return SafeObject(apply(unwrap as () => unknown, value, [])) as object;
    } catch {}
  }
  if (does(symbolValueOf, value)) throw notClonable('a symbol could not be cloned');
  // These getters also answer for the prototype of all regular expressions, which is none.
  if (value === SafeRegExp.prototype) return undefined;
  try {
    return new SafeRegExp(apply(regexpSource, value, []) as string, apply(regexpFlags, value, []) as string);
  } catch {
    return undefined;
  }
}

const isUnclonable = (value: object): boolean =>
  does(weakMapHas, value, value) || does(weakSetHas, value, value) || does(promiseThen, value);

/** Whether a built-in method takes an object for one of its own. */
function does(method: (...args: never[]) => unknown, value: object, ...args: unknown[]): boolean {
  try {
    apply(method as never, value, args as never);
    return true;
  } catch {
    return false;
  }
}

const kindOf = (value: object): string => apply(objectToString, value, []) as string;

const notClonable = (message: string): Error => new DOMException(message, 'DataCloneError');
