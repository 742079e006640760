/** A queue whose `shift` and `delete` take the same time however long it is. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;
  /** Those that still stand among the items, and are left out. */
  readonly #deleted = new Set<T>();

  get length(): number {
    return this.#items.length - this.#head - this.#deleted.size;
  }

  /** One that was deleted and has not been passed yet stands where it stood. */
  push(item: T): void {
    if (!this.#deleted.delete(item)) this.#items.push(item);
  }

  /** The oldest item, or undefined where there is none. */
  shift(): T | undefined {
    while (this.length > 0) {
      const item = this.#items[this.#head] as T;
      this.#items[this.#head] = undefined as T; // let it go
      this.#head += 1;
      if (this.#head * 2 >= this.#items.length) {
        this.#items = this.#items.slice(this.#head);
        this.#head = 0;
      }
      if (!this.#deleted.delete(item)) return item;
    }
    return undefined;
  }

  /** Takes out an item that is in it, once. */
  delete(item: T): void {
    this.#deleted.add(item);
    if (this.length > 0) return;
    this.#items = [];
    this.#head = 0;
    this.#deleted.clear();
  }
}
