/** Deliveries that are remembered at most, of all endpoints; the oldest are forgotten first. */
const MAX_REMEMBERED = 100_000;

/** Remembers deliveries of webhooks for a while, so that each is taken once. */
export class Replays {
  /** When each may be forgotten, in milliseconds of `now`; roughly the oldest first. */
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that does not jump */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Takes a delivery.
   * @param content names it
   * @returns false where it has been taken within `forMs`, and has not been given back
   */
  take(content: string, forMs: number): boolean {
    const now = this.#now();
    if ((this.#until.get(content) ?? 0) > now) return false;
    this.#until.delete(content);
    this.#until.set(content, now + forMs);
    for (const [oldest, until] of this.#until) {
      if (until > now && this.#until.size <= MAX_REMEMBERED) break;
      this.#until.delete(oldest);
    }
    return true;
  }

  /** It has not been processed: its sender may send it again. */
  giveBack(content: string): void {
    this.#until.delete(content);
  }
}
