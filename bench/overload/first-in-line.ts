import { getPriority, setPriority } from 'node:os';

const HIGH = -15;

/**
 * While it lasts, this thread goes before all others of the machine, where we may have that: a client that runs elsewhere, as
 * most do, does not wait for a processor of the cluster's.
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

/** For a thread that was begun by one that is first in line, and has it from there. */
export const lineUp = (): void => give(0);

/** Linux counts priorities by thread; elsewhere it is that of the process. */
function give(priority: number): void {
  try {
    setPriority(priority);
  } catch {
    // Only root may: then what is measured holds our own waiting too, as `own delay` tells.
  }
}
