import { type KubeObject, keyOf, type ObjectRef, refKey } from './object.ts';

/** By index name: the values under which an object is indexed. */
export type Indexers<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** Objects of one kind by namespace and name, and by the caller's indices. Returned objects must not be modified. */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: Indexers<T>;
  readonly #indices = new Map<string, Map<string, Map<string, T>>>();

  constructor(indexers: Indexers<T> = {}) {
    this.#indexers = indexers;
    for (const name of Object.keys(indexers)) this.#indices.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Finds an object by key (`namespace/name`) or reference. */
  get(ref: string | ObjectRef): T | undefined {
    return this.#objects.get(typeof ref === 'string' ? ref : refKey(ref));
  }

  keys(): MapIterator<string> {
    return this.#objects.keys();
  }

  values(): MapIterator<T> {
    return this.#objects.values();
  }

  /** The objects indexed under a value. Throws for an unknown index, which is a bug. */
  *by(index: string, value: string): Generator<T, void> {
    const objects = this.#indexOf(index).get(value);
    if (objects) yield* objects.values();
  }

  /** Number of objects indexed under a value. */
  count(index: string, value: string): number {
    return this.#indexOf(index).get(value)?.size ?? 0;
  }

  /** The values of an index. */
  indexed(index: string): MapIterator<string> {
    return this.#indexOf(index).keys();
  }

  /**
   * Stores the object and returns the previous one. If an indexer throws, the store is unchanged and the error is
   * thrown.
   */
  set(object: T): T | undefined {
    const values = Object.entries(this.#indexers).map(([name, indexer]) => [name, indexer(object)] as const);
    const key = keyOf(object);
    const before = this.delete(key);
    this.#objects.set(key, object);
    for (const [name, found] of values) {
      const index = this.#indexOf(name);
      for (const value of found) {
        const objects = index.get(value) ?? new Map<string, T>();
        index.set(value, objects.set(key, object));
      }
    }
    return before;
  }

  /** Removes the object and returns it. */
  delete(key: string): T | undefined {
    const before = this.#objects.get(key);
    if (before === undefined) return undefined;
    this.#objects.delete(key);
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      const index = this.#indexOf(name);
      for (const value of indexer(before)) {
        const objects = index.get(value);
        objects?.delete(key);
        if (objects?.size === 0) index.delete(value);
      }
    }
    return before;
  }

  #indexOf(name: string): Map<string, Map<string, T>> {
    const index = this.#indices.get(name);
    if (!index) throw new TypeError(`the store has no index "${name}"`);
    return index;
  }
}
