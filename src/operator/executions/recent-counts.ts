const SECOND_MS = 1000;

/**
 * How often each name was counted in the last second, about: of the second before the present one, as much counts as is left of
 * the present one. A sliding window of two buckets.
 */
export class RecentCounts {
  #present = new Map<string, number>();
  #previous = new Map<string, number>();
  #totals = { present: 0, previous: 0 };
  #startedAt = performance.now();

  count(name: string): void {
    this.#turn();
    this.#present.set(name, (this.#present.get(name) ?? 0) + 1);
    this.#totals.present += 1;
  }

  of(name: string): number {
    const part = this.#turn();
    return (this.#present.get(name) ?? 0) + (this.#previous.get(name) ?? 0) * part;
  }

  /** Of those that were counted at all; 0 where none was. */
  get mean(): number {
    const part = this.#turn();
    const names = Math.max(this.#present.size, this.#previous.size * part);
    return names === 0 ? 0 : (this.#totals.present + this.#totals.previous * part) / names;
  }

  /** Nothing is remembered. */
  get isEmpty(): boolean {
    this.#turn();
    return this.#present.size === 0 && this.#previous.size === 0;
  }

  /** @returns the part of the previous second that still counts */
  #turn(): number {
    const now = performance.now();
    const seconds = (now - this.#startedAt) / SECOND_MS;
    if (seconds < 1) return 1 - seconds;
    const goesOn = seconds < 2;
    this.#previous = goesOn ? this.#present : new Map();
    this.#totals = { present: 0, previous: goesOn ? this.#totals.present : 0 };
    this.#present = new Map();
    this.#startedAt = goesOn ? this.#startedAt + SECOND_MS : now;
    return 1 - (now - this.#startedAt) / SECOND_MS;
  }
}
