import { getPriority, setPriority } from 'node:os';

const HIGH = -15;

/**
 * Raises the priority of this thread, and of threads it starts, over others of this program, if permitted: the
 * measuring thread must not wait for the load it generates. Disposing it restores the priority.
 */
export class RaisedPriority {
  readonly #before = getPriority();

  constructor() {
    give(HIGH);
  }

  [Symbol.dispose](): void {
    give(this.#before);
  }
}

/** Linux sets priorities per thread; other systems per process. */
function give(priority: number): void {
  try {
    setPriority(priority);
  } catch {
    // Only root may: otherwise the measurement includes this program's own delay, reported as `own delay`.
  }
}
