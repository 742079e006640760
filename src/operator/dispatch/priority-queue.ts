/** What an item is ordered by. */
export interface Prioritized {
  readonly key: string;
  /** Higher goes first. */
  readonly priority: number;
  /** Of equal priority, the older goes first. */
  readonly createdMs: number;
}

/** Items by priority, then age, then key: a sorted array. Moving 20,000 references takes some microseconds. */
export class PriorityQueue<T extends Prioritized> {
  readonly #items: T[] = [];

  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    this.#items.splice(this.#indexOf(item), 0, item);
  }

  /** Removes an item that is in the queue. */
  delete(item: T): void {
    const index = this.#indexOf(item);
    if (index === 0)
      this.#items.shift(); // moves nothing: V8 trims the array on the left
    else this.#items.splice(index, 1);
  }

  /** Where an item stands or would stand, by binary search. */
  #indexOf(item: T): number {
    let from = 0;
    let to = this.#items.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (goesBefore(this.#items[middle] as T, item)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** The order of two items: of two different ones exactly one goes before the other. */
export function goesBefore(a: Prioritized, b: Prioritized): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.createdMs !== b.createdMs) return a.createdMs < b.createdMs;
  return a.key < b.key;
}
