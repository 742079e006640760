/** Looks now and then, and keeps the largest of each number seen. Dispose of it to end that. */
export class LargestOf<T extends { readonly [K in keyof T]: number }> {
  readonly #timer: NodeJS.Timeout;
  #largest: Partial<Record<keyof T, number>> = {};

  constructor(look: () => Promise<Partial<T>>, everyMs: number) {
    this.#timer = setInterval(() => void look().then((seen) => this.#saw(seen)), everyMs);
  }

  get largest(): Partial<Record<keyof T, number>> {
    return this.#largest;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #saw(seen: Partial<T>): void {
    for (const [key, value = 0] of Object.entries(seen) as [keyof T, number | undefined][]) {
      this.#largest = { ...this.#largest, [key]: Math.max(value, this.#largest[key] ?? 0) };
    }
  }
}
