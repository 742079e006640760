import { type KubeObject, keyOf, type ObjectRef, refKey } from './object.ts';

/** By name of the index: the values that an object is to be found by. */
export type Indexers<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** Objects of one kind by namespace and name, and by indices of the caller's. What comes out must not be changed. */
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

  /** By key (`namespace/name`) or by reference. */
  get(ref: string | ObjectRef): T | undefined {
    return this.#objects.get(typeof ref === 'string' ? ref : refKey(ref));
  }

  keys(): MapIterator<string> {
    return this.#objects.keys();
  }

  values(): MapIterator<T> {
    return this.#objects.values();
  }

  /** The objects that an index knows by a value. Throws where there is no such index: a bug. */
  *by(index: string, value: string): Generator<T, void> {
    const objects = this.#indexOf(index).get(value);
    if (objects) yield* objects.values();
  }

  /** How many objects an index knows by a value. */
  count(index: string, value: string): number {
    return this.#indexOf(index).get(value)?.size ?? 0;
  }

  /** The values that an index knows objects by. */
  indexed(index: string): MapIterator<string> {
    return this.#indexOf(index).keys();
  }

  /** Gives what was there before. Throws what an indexer throws, and then has changed nothing. */
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

  /** Gives what was there. */
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
