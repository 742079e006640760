import { asArray, bare, primordials } from './kit.ts';

const { defineProperty, iteratorPrototype, setPrototypeOf, toStringTag, iterator } = primordials;

export type Kind = 'key' | 'value' | 'entry';
export type PairIterator = (of: object, kind: Kind) => IterableIterator<unknown>;

/**
 * Makes the iterators of an interface whose values are pairs. They look at the list as it is at each step.
 * @param listOf gives names and values by turns
 */
export function pairIterator(name: string, listOf: (of: object) => readonly unknown[]): PairIterator {
  class Iterator {
    readonly #of: object;
    readonly #kind: Kind;
    #index = 0;

    constructor(of: object, kind: Kind) {
      this.#of = of;
      this.#kind = kind;
    }

    next(): { value: unknown; done: boolean } {
      const list = listOf(this.#of);
      const at = this.#index;
      if (at >= list.length) return { value: undefined, done: true };
      this.#index += 2;
      if (this.#kind === 'key') return { value: list[at], done: false };
      return { value: this.#kind === 'value' ? list[at + 1] : asArray(bare([list[at], list[at + 1]])), done: false };
    }
  }
  const { prototype } = Iterator;
  setPrototypeOf(prototype, iteratorPrototype);
  delete (prototype as { constructor?: unknown }).constructor;
  defineProperty(prototype, 'next', bare({ enumerable: true }));
  defineProperty(prototype, toStringTag, bare({ value: `${name} Iterator`, configurable: true }));
  return (of, kind) => new Iterator(of, kind) as unknown as IterableIterator<unknown>;
}

/** `entries` is also what makes an object iterable: the same function. */
export function isIterableBy(Interface: { readonly prototype: object }, method: 'entries'): void {
  const { prototype } = Interface as { prototype: Record<string, unknown> };
  defineProperty(prototype, iterator, bare({ value: prototype[method], writable: true, configurable: true }));
}
