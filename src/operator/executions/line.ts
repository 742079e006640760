/** A list in order from which mostly the first is taken and to which mostly a last one is added: both take the same time however long it is. */
export class Line<T> {
  readonly #goesBefore: (a: T, b: T) => boolean;
  #items: T[] = [];
  /** Where the first stands: those before it have been taken. */
  #head = 0;

  /** @param goesBefore of two different ones exactly one goes before the other */
  constructor(goesBefore: (a: T, b: T) => boolean) {
    this.#goesBefore = goesBefore;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  add(item: T): void {
    this.#items.splice(this.#placeOf(item), 0, item);
  }

  /** Takes out one that is there. */
  delete(item: T): void {
    const at = this.#placeOf(item);
    if (at !== this.#head) {
      this.#items.splice(at, 1);
      return;
    }
    this.#items[at] = undefined as T; // let it go
    this.#head += 1;
    if (this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }

  /** Where an item stands, or would stand: found by halving. */
  #placeOf(item: T): number {
    let from = this.#head;
    let to = this.#items.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#goesBefore(this.#items[middle] as T, item)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
