import { Fifo } from './fifo.ts';

/** The group of an item at each level, from the outermost in. */
export type TurnLevels<T> = readonly [(item: T) => string, ...((item: T) => string)[]];

type Group<T> = Turns<T> | Fifo<T>;

/** Whether the items of a group are to wait for now; told its name at each level, from the outermost in. */
export type IsHeld = (group: readonly string[]) => boolean;

/**
 * A queue in which groups take turns, so that one with ten thousand items holds up nobody else's one: each has one turn a
 * round, and who comes during a round and has had none in it still takes part, as long as newcomers are no more than those
 * whom the round began with: a new name for each item gets nobody ahead of all the others. At each level the groups that
 * `levels` names take turns among those of the same group above; in the last, who came first goes first.
 */
export class Turns<T> {
  readonly #groupOf: (item: T) => string;
  readonly #below: readonly ((item: T) => string)[];
  /** The groups with items that have not had their turn in this round, in the order of their turns; and those that have. */
  #round = new Map<string, Group<T>>();
  #nextRound = new Map<string, Group<T>>();
  /** Who has had a turn in this round, with items left or not. */
  readonly #served = new Set<string>();
  /** Who has been given back a turn of this round. */
  readonly #givenBack = new Set<string>();
  /** How many newcomers this round still takes in; undefined: as many as come, nobody has had a turn in it yet. */
  #room: number | undefined;
  #length = 0;

  constructor([groupOf, ...below]: TurnLevels<T>) {
    this.#groupOf = groupOf;
    this.#below = below;
  }

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    const name = this.#groupOf(item);
    const group = this.#round.get(name) ?? this.#nextRound.get(name) ?? this.#newcomer(name);
    group.push(item);
    this.#length += 1;
  }

  /** How many items of a group there are: its name at each level, from the outermost in. */
  count([name = '', ...below]: readonly string[]): number {
    const group = this.#round.get(name) ?? this.#nextRound.get(name);
    return group instanceof Turns && below.length > 0 ? group.count(below) : (group?.length ?? 0);
  }

  /** The item whose turn it is, held ones left out; undefined where there is none. */
  shift(isHeld: IsHeld = () => false, above: readonly string[] = []): T | undefined {
    if (this.#round.size === 0) this.#nextTurns();
    this.#room ??= this.#round.size;
    for (const round of [this.#round, this.#nextRound]) {
      for (const [name, group] of round) {
        const path = [...above, name];
        const item = isHeld(path) ? undefined : group instanceof Turns ? group.shift(isHeld, path) : group.shift();
        if (item === undefined) continue;
        round.delete(name);
        this.#served.add(name);
        if (group.length > 0) this.#nextRound.set(name, group);
        this.#length -= 1;
        return item;
      }
    }
    return undefined;
  }

  /** An item that was handed out has cost nothing: its groups have their turn of this round again, once. */
  giveBack(item: T): void {
    const name = this.#groupOf(item);
    const group = this.#round.get(name) ?? this.#nextRound.get(name);
    if (group instanceof Turns) group.giveBack(item);
    if (!this.#served.has(name) || this.#givenBack.has(name)) return;
    this.#givenBack.add(name);
    this.#served.delete(name);
    if (group !== undefined && this.#nextRound.delete(name)) this.#round.set(name, group);
  }

  /** Whether the item is left out for now: a group of it is held. */
  leavesOut(item: T, isHeld: IsHeld): boolean {
    const path = [this.#groupOf, ...this.#below].map((groupOf) => groupOf(item));
    return path.some((_, level) => isHeld(path.slice(0, level + 1)));
  }

  #newcomer(name: string): Group<T> {
    const [next, ...rest] = this.#below;
    const group = next === undefined ? new Fifo<T>() : new Turns<T>([next, ...rest]);
    const takesPart = this.#room !== 0 && !this.#served.has(name);
    if (takesPart && this.#room !== undefined) this.#room -= 1;
    (takesPart ? this.#round : this.#nextRound).set(name, group);
    return group;
  }

  #nextTurns(): void {
    [this.#round, this.#nextRound] = [this.#nextRound, this.#round];
    this.#served.clear();
    this.#givenBack.clear();
    this.#room = undefined;
  }
}
