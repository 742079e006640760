/** Exponential back-off: the delay as a function of consecutive failures. */
export interface BackoffOptions {
  /** Delay after the first failure. */
  readonly baseMs: number;
  /** Upper bound of the delay, before jitter. */
  readonly maxMs: number;
  /** Ratio of one delay to the one before. Default 2. */
  readonly factor?: number;
  /** Random share added to each delay: 0.5 turns 100 ms into 100 to 150 ms. Default 0. */
  readonly jitter?: number;
  /** A number in [0, 1); for tests. */
  readonly random?: () => number;
}

/**
 * The delay after `failures` consecutive failures (1 or more), in milliseconds; jitter may add its share to `maxMs`.
 */
export function backoffMs(failures: number, options: BackoffOptions): number {
  const { baseMs, maxMs, factor = 2, jitter = 0, random = Math.random } = options;
  const waitMs = Math.min(maxMs, baseMs * factor ** Math.max(0, failures - 1));
  return waitMs * (1 + jitter * random());
}

/** Counts consecutive failures of one operation. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Counts one more failure and returns the delay before the next attempt, in milliseconds. */
  next(): number {
    this.#failures += 1;
    return backoffMs(this.#failures, this.#options);
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Counts consecutive failures per key. A key is kept until `forget`. */
export class KeyedBackoff<K> {
  readonly #options: BackoffOptions;
  readonly #failures = new Map<K, number>();

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Counts one more failure of the key and returns the delay before its next attempt, in milliseconds. */
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
