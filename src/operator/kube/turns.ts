import { type IsHeld, type Path, Round } from './round.ts';

/** The group of an item at each level, from the outermost in. */
export type TurnLevels<T> = readonly [(item: T) => string, ...((item: T) => string)[]];

/**
 * A queue in which groups take turns, so that one with ten thousand items holds up nobody else's one: each has one turn a
 * round, and who comes during a round and has had none in it still takes part, as long as newcomers are no more than those
 * whom the round began with: a new name for each item gets nobody ahead of all the others. At each level the groups that
 * `levels` names take turns among those of the same group above; in the last, who came first goes first.
 */
export class Turns<T> {
  readonly #levels: TurnLevels<T>;
  readonly #round = new Round<T>();
  /** Where each item stands: its groups may be others by now. */
  readonly #paths = new Map<T, Path>();

  constructor(levels: TurnLevels<T>) {
    this.#levels = levels;
  }

  get length(): number {
    return this.#paths.size;
  }

  /** An item stands in it once. */
  push(item: T): void {
    this.#stand(item, this.#pathOf(item));
  }

  /** An item that stands in it, and whose groups are others by now, goes over to those. Gives whether it did. */
  regroup(item: T): boolean {
    const before = this.#paths.get(item);
    const path = this.#pathOf(item);
    if (before === undefined || before.every((name, level) => name === path[level])) return false;
    this.#stand(item, path); // before it goes: a group that it is alone in keeps its turn
    this.#round.delete(item, before);
    return true;
  }

  /** How many items of a group there are: its name at each level, from the outermost in. */
  count(group: Path): number {
    return this.#round.count(group);
  }

  /** The item whose turn it is, held ones left out; undefined where there is none. */
  shift(isHeld: IsHeld = () => false): T | undefined {
    const item = this.#round.shift(isHeld);
    if (item !== undefined) this.#paths.delete(item);
    return item;
  }

  /** An item that was handed out has cost nothing: its groups have their turn of this round again, so often at most. */
  giveBack(item: T): void {
    this.#round.giveBack(this.#pathOf(item));
  }

  /** Whether the item is left out for now: a group of it is held. */
  leavesOut(item: T, isHeld: IsHeld): boolean {
    const path = this.#pathOf(item);
    return path.some((_, level) => isHeld(path.slice(0, level + 1)));
  }

  #stand(item: T, path: Path): void {
    this.#paths.set(item, path);
    this.#round.push(item, path);
  }

  #pathOf(item: T): Path {
    return this.#levels.map((groupOf) => groupOf(item));
  }
}
