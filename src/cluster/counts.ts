/** Counts by name, without the right to change them. */
export type ReadonlyCounts = Omit<Counts, 'add'>;

/** Counts by name. A name with a count of zero takes no memory. */
export class Counts {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** The sum of all counts. */
  get total(): number {
    return this.#total;
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string, change: number): void {
    const count = this.of(name) + change;
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
    this.#total += change;
  }
}
