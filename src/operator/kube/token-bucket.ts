export interface TokenBucketOptions {
  /** Tokens that there are at first, and at most. */
  readonly burst: number;
  /** A token is added after each such time. */
  readonly refillEveryMs: number;
}

/** Lets through a burst, and then one at a time. Times are of any steady clock, in milliseconds. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledAt: number;

  constructor(options: TokenBucketOptions, now: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledAt = now;
  }

  /** Takes a token; false where there is none. */
  take(now: number): boolean {
    const { burst, refillEveryMs } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, now - this.#filledAt) / refillEveryMs);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
