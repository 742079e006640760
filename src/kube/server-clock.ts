/**
 * Estimates the API server's clock from the Date header of its answers. Times in objects are computed from it, so a
 * wrong or adjusted local clock has no effect. A Date has a resolution of one second; many together narrow the estimate
 * to the duration of a request.
 */
export class ServerClock {
  /** Bounds of the server's time at `performance.now() === 0`, in milliseconds since the epoch. */
  #earliest = Number.NEGATIVE_INFINITY;
  #latest = Number.POSITIVE_INFINITY;

  /**
   * Records an answer. @param sentAt, receivedAt times of request and answer, in milliseconds of `performance.now()`
   */
  observe(date: string | undefined, sentAt: number, receivedAt: number): void {
    const ms = Date.parse(date ?? '');
    if (!Number.isFinite(ms)) return;
    const earliest = ms - receivedAt;
    const latest = ms + 1000 - sentAt;
    // The clock was set, or another server answered: earlier bounds no longer apply.
    const isAnother = earliest > this.#latest || latest < this.#earliest;
    this.#earliest = isAnother ? earliest : Math.max(earliest, this.#earliest);
    this.#latest = isAnother ? latest : Math.min(latest, this.#latest);
  }

  /** Milliseconds since the epoch: the local clock if it lies within the bounds. */
  now(): number {
    return Math.round(Date.now() - this.skewMs);
  }

  /** How far the local clock is ahead of the server's, in milliseconds; 0 if it lies within the bounds. */
  get skewMs(): number {
    const own = Date.now() - performance.now();
    return own - Math.min(Math.max(own, this.#earliest), this.#latest);
  }
}
