/** Polls periodically and keeps the maximum of each number. Disposing it stops the polling. */
export class LargestOf<T extends { readonly [K in keyof T]: number }> {
  readonly #timer: NodeJS.Timeout;
  #largest: Partial<Record<keyof T, number>> = {};

  constructor(sample: () => Promise<Partial<T>>, everyMs: number) {
    this.#timer = setInterval(() => void sample().then((values) => this.#record(values)), everyMs);
  }

  get largest(): Partial<Record<keyof T, number>> {
    return this.#largest;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #record(values: Partial<T>): void {
    for (const [key, value = 0] of Object.entries(values) as [keyof T, number | undefined][]) {
      this.#largest = { ...this.#largest, [key]: Math.max(value, this.#largest[key] ?? 0) };
    }
  }
}
