/** What waits, by owner: owners take turns, and each one's own come in order. */
export class FairQueue<T> {
  readonly #byOwner = new Map<string, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(owner: string, value: T): void {
    const own = this.#byOwner.get(owner);
    if (own === undefined) this.#byOwner.set(owner, [value]);
    else own.push(value);
    this.#size++;
  }

  /** Takes the next: the owner's turn is over with it. */
  shift(): { owner: string; value: T } | undefined {
    const [next] = this.#byOwner;
    if (next === undefined) return undefined;
    const [owner, own] = next;
    this.#byOwner.delete(owner);
    const value = own.shift() as T;
    if (own.length > 0) this.#byOwner.set(owner, own);
    this.#size--;
    return { owner, value };
  }

  /** Takes all of them. */
  drain(): { owner: string; value: T }[] {
    const all: { owner: string; value: T }[] = [];
    for (let next = this.shift(); next !== undefined; next = this.shift()) all.push(next);
    return all;
  }
}
