import { isUint8Array } from 'node:util/types';
import { type Context, constants, createContext, Script } from 'node:vm';
import { Callback, Dereferenced, Handle } from './values.ts';

export type Callable = (...args: unknown[]) => unknown;

/** Makes values that belong to a context, so that no script finds a way from one to a constructor of this process. */
interface Makers {
  bytes(length: number): Uint8Array;
  array(): unknown[];
  object(): Record<string, unknown>;
  error(message: string): object;
  function(call: Callable): Callable;
}

const MAKERS = new Script(
  `'use strict';
({
  bytes: (length) => new Uint8Array(length),
  array: () => [],
  object: () => ({}),
  error: (message) => new Error(message),
  function: (call) => (a, b, c, d, e) => {
    try {
      return call(a, b, c, d, e);
    } catch {
      // a stack that ran over outside: that error is not one of this context
    }
  },
})`,
  { filename: 'copepod:realm' },
);

/** A context, and what goes into it and comes out of it: copies, as between isolates. */
export class Realm {
  readonly context: Context = createContext(constants.DONT_CONTEXTIFY, {
    name: 'script',
    importModuleDynamically: () => this.refuseImport(),
  });
  readonly #make = MAKERS.runInContext(this.context) as Makers;

  copyIn(value: unknown): unknown {
    if (value instanceof Dereferenced) return value.value;
    if (value instanceof Callback) return this.#function(value.call);
    if (value instanceof Handle || typeof value !== 'object' || value === null) return value;
    if (isUint8Array(value)) {
      const bytes = this.#make.bytes(value.length);
      setBytes.call(bytes, value);
      return bytes;
    }
    if (Array.isArray(value)) {
      const array = this.#make.array();
      for (const [i, item] of value.entries()) array[i] = this.copyIn(item);
      return array;
    }
    const object = this.#make.object();
    for (const [key, item] of Object.entries(value)) object[key] = this.copyIn(item);
    return object;
  }

  /**
   * What `import()` comes to in code that is made of text, which nothing has instrumented. Node's own error is of another realm.
   * @throws what isolated-vm throws
   */
  refuseImport(): never {
    throw this.#make.error('Not supported');
  }

  /** Bytes are copied; objects have no copy. */
  copyOut(value: unknown): unknown {
    if (isUint8Array(value)) return new Uint8Array(value);
    return value instanceof Handle || !isObject(value) ? value : undefined;
  }

  #function(call: Callable): Callable {
    return this.#make.function((...args) => this.copyIn(call(...args.map((arg) => this.copyOut(arg)))));
  }
}

const { set: setBytes } = Uint8Array.prototype;

const isObject = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';
