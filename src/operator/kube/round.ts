import { Fifo } from './fifo.ts';

/** Names of groups, from the outermost in. */
export type Path = readonly string[];

/** Whether the items of a group are to wait for now. */
export type IsHeld = (group: Path) => boolean;

type Group<T> = Round<T> | Fifo<T>;

/**
 * A turn that cost nothing is had again, so often in a round at most; twice as often at each level further out, so that a turn there ends
 * with what costs something wherever there is any. With three levels below it is 32 times: less time than a write costs the operator.
 */
export const mostGivenBack = (levelsBelow: number): number => 4 * 2 ** levelsBelow;

/** Groups that take turns, one in each round; in each of them those below it, and in the last its items, as they came. See `Turns`. */
export class Round<T> {
  /** The groups with items that have not had their turn in this round, in the order of their turns; and those that have. */
  #round = new Map<string, Group<T>>();
  #nextRound = new Map<string, Group<T>>();
  /** Who has had a turn in this round, with items left or not. */
  readonly #served = new Set<string>();
  /** How many turns of this round each has been given back. */
  readonly #givenBack = new Map<string, number>();
  /** How many newcomers this round still takes in; undefined: as many as come, nobody has had a turn in it yet. */
  #room: number | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T, [name = '', ...below]: Path): void {
    const group = this.#find(name) ?? this.#newcomer(name, below.length > 0);
    group.push(item, below);
    this.#length += 1;
  }

  /** Takes out an item that was pushed with this path. */
  delete(item: T, [name = '', ...below]: Path): void {
    const group = this.#find(name);
    if (group === undefined) return;
    group.delete(item, below);
    this.#length -= 1;
    if (group.length > 0) return;
    this.#round.delete(name);
    this.#nextRound.delete(name);
  }

  count([name = '', ...below]: Path): number {
    const group = this.#find(name);
    return group instanceof Round && below.length > 0 ? group.count(below) : (group?.length ?? 0);
  }

  /** The item whose turn it is, held ones left out; undefined where there is none. */
  shift(isHeld: IsHeld, above: Path = []): T | undefined {
    if (this.#round.size === 0) this.#nextTurns();
    this.#room ??= this.#round.size;
    for (const round of [this.#round, this.#nextRound]) {
      for (const [name, group] of round) {
        const path = [...above, name];
        const item = isHeld(path) ? undefined : group instanceof Round ? group.shift(isHeld, path) : group.shift();
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

  /** The groups of an item that was handed out have their turn of this round again. */
  giveBack([name = '', ...below]: Path): void {
    const group = this.#find(name);
    if (group instanceof Round) group.giveBack(below);
    const givenBack = this.#givenBack.get(name) ?? 0;
    if (!this.#served.has(name) || givenBack === mostGivenBack(below.length)) return;
    this.#givenBack.set(name, givenBack + 1);
    this.#served.delete(name);
    if (group !== undefined && this.#nextRound.delete(name)) this.#round.set(name, group);
  }

  #find(name: string): Group<T> | undefined {
    return this.#round.get(name) ?? this.#nextRound.get(name);
  }

  #newcomer(name: string, hasGroups: boolean): Group<T> {
    const group = hasGroups ? new Round<T>() : new Fifo<T>();
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
