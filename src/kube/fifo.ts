/** A queue whose `shift` and `delete` take constant time. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;
  /** Deleted items that are still in the array, and are skipped. */
  readonly #deleted = new Set<T>();

  get length(): number {
    return this.#items.length - this.#head - this.#deleted.size;
  }

  /** An item that was deleted and not skipped yet keeps its position. */
  push(item: T): void {
    if (!this.#deleted.delete(item)) this.#items.push(item);
  }

  /** The oldest item, or undefined if the queue is empty. */
  shift(): T | undefined {
    while (this.length > 0) {
      const item = this.#items[this.#head] as T;
      this.#items[this.#head] = undefined as T; // for garbage collection
      this.#head += 1;
      if (this.#head * 2 >= this.#items.length) {
        this.#items = this.#items.slice(this.#head);
        this.#head = 0;
      }
      if (!this.#deleted.delete(item)) return item;
    }
    return undefined;
  }

  /** Removes an item that is in the queue, once. */
  delete(item: T): void {
    this.#deleted.add(item);
    if (this.length > 0) return;
    this.#items = [];
    this.#head = 0;
    this.#deleted.clear();
  }
}
