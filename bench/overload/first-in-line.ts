import { getPriority, setPriority } from 'node:os';

const HIGH = -15;

/**
 * While it lasts, this thread goes before the others of this program and of its scheduling group, where we may have that: who
 * measures does not wait for the load that it makes. Threads that are begun meanwhile go before them too.
 */
export class FirstInLine {
  readonly #before = getPriority();

  constructor() {
    give(HIGH);
  }

  [Symbol.dispose](): void {
    give(this.#before);
  }
}

/** Linux counts priorities by thread; elsewhere it is that of the process. */
function give(priority: number): void {
  try {
    setPriority(priority);
  } catch {
    // Only root may: then what is measured holds our own waiting too, as `own delay` tells.
  }
}
