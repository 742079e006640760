/** Maximum time between two yields. */
const MOST_BUSY_MS = 10;

/**
 * Yields to the event loop, so that timers and sockets are served while thousands of keys are processed synchronously:
 * `await` alone does not yield to them.
 */
export class EventLoopYield {
  #since = performance.now();
  #turn: Promise<void> | undefined;

  /** Undefined if no yield is needed; otherwise a promise to await. Concurrent callers share one yield. */
  yieldIfDue(): Promise<void> | undefined {
    if (this.#turn === undefined && performance.now() - this.#since < MOST_BUSY_MS) return undefined;
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#since = performance.now();
        this.#turn = undefined;
        resolve();
      });
    });
    return this.#turn;
  }
}
