export interface TokenBucketOptions {
  /** Initial and maximum number of tokens. */
  readonly burst: number;
  /** Interval at which one token is added. */
  readonly refillEveryMs: number;
}

/** A token bucket. Times are of any monotonic clock, in milliseconds. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledAt: number;

  constructor(options: TokenBucketOptions, now: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledAt = now;
  }

  /** Takes a token; returns false if none is left. */
  take(now: number): boolean {
    const { burst, refillEveryMs } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, now - this.#filledAt) / refillEveryMs);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
