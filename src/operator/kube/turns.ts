import { Fifo } from './fifo.ts';

/** The group of an item at each level, from the outermost in. */
export type TurnLevels<T> = readonly [(item: T) => string, ...((item: T) => string)[]];

/**
 * A queue in which groups take turns, so that one with ten thousand items holds up nobody else's one. At each level the
 * groups that `levels` names take turns among those of the same group above; in the last, who came first goes first.
 */
export class Turns<T> {
  readonly #groupOf: (item: T) => string;
  readonly #below: readonly ((item: T) => string)[];
  /** The group that had its turn longest ago first. */
  readonly #groups = new Map<string, Turns<T> | Fifo<T>>();
  #length = 0;

  constructor([groupOf, ...below]: TurnLevels<T>) {
    this.#groupOf = groupOf;
    this.#below = below;
  }

  get length(): number {
    return this.#length;
  }

  /** A group that is new takes its first turn after those that wait. */
  push(item: T): void {
    const name = this.#groupOf(item);
    let group = this.#groups.get(name);
    if (group === undefined) {
      const [next, ...rest] = this.#below;
      group = next === undefined ? new Fifo<T>() : new Turns<T>([next, ...rest]);
      this.#groups.set(name, group);
    }
    group.push(item);
    this.#length += 1;
  }

  /** The item whose turn it is, or undefined where there is none. */
  shift(): T | undefined {
    for (const [name, group] of this.#groups) {
      this.#groups.delete(name);
      const item = group.shift();
      if (group.length > 0) this.#groups.set(name, group);
      this.#length -= 1;
      return item;
    }
    return undefined;
  }
}
