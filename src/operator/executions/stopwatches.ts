/** How long each key has been in its present state, by the monotonic clock. */
export class Stopwatches {
  readonly #running = new Map<string, { readonly state: unknown; readonly startedAt: number }>();

  /**
   * Milliseconds since the key was first seen in this state without another in between.
   *
   * @param beforeMs for how long it had been in it when it was first seen; a negative time counts as zero
   */
  elapsedMs(key: string, state: unknown, beforeMs = 0): number {
    const known = this.#running.get(key);
    if (known !== undefined && known.state === state) return performance.now() - known.startedAt;
    const elapsedMs = Math.max(0, beforeMs);
    this.#running.set(key, { state, startedAt: performance.now() - elapsedMs });
    return elapsedMs;
  }

  forget(key: string): void {
    this.#running.delete(key);
  }
}
