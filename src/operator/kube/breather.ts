/** So long at most nothing else is done. */
const MOST_BUSY_MS = 10;

/**
 * Lets timers and sockets have their turn while thousands of keys are looked at none of which waits for anything: `await` alone
 * goes on before them.
 */
export class Breather {
  #since = performance.now();
  #turn: Promise<void> | undefined;

  /** Undefined where it may go on at once; else to be awaited. All that ask meanwhile wait for the same turn. */
  breathe(): Promise<void> | undefined {
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
