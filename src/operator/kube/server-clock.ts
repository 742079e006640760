/**
 * The API server's clock, by the Date of its answers. The times in objects are reckoned by it: what our own clock shows, which may
 * be wrong or be set at any moment, changes nothing. A Date has whole seconds; many together tell the time to within what a
 * request takes.
 */
export class ServerClock {
  /** What the server's clock shows when `performance.now()` is 0 lies between these, in milliseconds since the epoch. */
  #earliest = Number.NEGATIVE_INFINITY;
  #latest = Number.POSITIVE_INFINITY;

  /** An answer came. @param sentAt, receivedAt its request and itself, in milliseconds of `performance.now()` */
  told(date: string | undefined, sentAt: number, receivedAt: number): void {
    const ms = Date.parse(date ?? '');
    if (!Number.isFinite(ms)) return;
    const earliest = ms - receivedAt;
    const latest = ms + 1000 - sentAt;
    // A clock that was set, or another server's: what was known of it counts no more.
    const isAnother = earliest > this.#latest || latest < this.#earliest;
    this.#earliest = isAnother ? earliest : Math.max(earliest, this.#earliest);
    this.#latest = isAnother ? latest : Math.min(latest, this.#latest);
  }

  /** Milliseconds since the epoch: our own clock's where it is right as far as can be told. */
  now(): number {
    return Math.round(Date.now() - this.skewMs);
  }

  /** How far our clock is ahead of the server's; 0 as far as can be told. */
  get skewMs(): number {
    const own = Date.now() - performance.now();
    return own - Math.min(Math.max(own, this.#earliest), this.#latest);
  }
}
