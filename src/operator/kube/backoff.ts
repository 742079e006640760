/** How long to wait after so many failures in a row. */
export interface BackoffOptions {
  /** After the first failure. */
  readonly baseMs: number;
  /** Never longer. */
  readonly maxMs: number;
  /** Each wait to the one before. 2 where left out. */
  readonly factor?: number;
  /** Up to this share of the wait is added at random: 0.5 makes 100 ms 100 to 150 ms. 0 where left out. */
  readonly jitter?: number;
  /** From 0 up to 1; for tests. */
  readonly random?: () => number;
}

/** The wait after the `failures`th failure in a row (from 1), in milliseconds; with jitter it may exceed `maxMs` by that share. */
export function backoffMs(failures: number, options: BackoffOptions): number {
  const { baseMs, maxMs, factor = 2, jitter = 0, random = Math.random } = options;
  const waitMs = Math.min(maxMs, baseMs * factor ** Math.max(0, failures - 1));
  return waitMs * (1 + jitter * random());
}

/** Counts the failures of one thing in a row. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get failures(): number {
    return this.#failures;
  }

  /** One more failure; gives the wait before the next try, in milliseconds. */
  next(): number {
    this.#failures += 1;
    return backoffMs(this.#failures, this.#options);
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Counts the failures in a row of each key. Keys are kept until they are forgotten. */
export class KeyedBackoff<K> {
  readonly #options: BackoffOptions;
  readonly #failures = new Map<K, number>();

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** One more failure; gives the wait before the next try, in milliseconds. */
  next(key: K): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    return backoffMs(failures, this.#options);
  }

  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: K): void {
    this.#failures.delete(key);
  }
}
