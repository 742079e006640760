import { childrenOf, residentBytes } from '../processes.ts';
import { median } from '../statistics.ts';

const EVERY_MS = 50;

interface Look {
  /** From 0 to 1: how much of the work was done. */
  readonly progress: number;
  readonly supervisorBytes: number;
  readonly childrenBytes: number;
}

/** Medians of the first and the last quarter of the work. */
export interface Quarters {
  readonly firstBytes: number;
  readonly lastBytes: number;
}

/** Looks at the resident memory of this process and of its children, from outside. */
export class MemoryWatch {
  readonly #looks: Look[] = [];
  readonly #timer: NodeJS.Timeout;
  /** The most that any child held, and how many there were at once. */
  largestChildBytes = 0;
  mostChildren = 0;

  constructor(progress: () => number) {
    this.#timer = setInterval(() => this.#look(progress()), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  supervisor(): Quarters {
    return this.#quarters('supervisorBytes');
  }

  children(): Quarters {
    return this.#quarters('childrenBytes');
  }

  #look(progress: number): void {
    const children = childrenOf(process.pid).map(residentBytes);
    this.#looks.push({
      progress,
      supervisorBytes: residentBytes(process.pid),
      childrenBytes: children.reduce((sum, bytes) => sum + bytes, 0),
    });
    this.largestChildBytes = Math.max(this.largestChildBytes, ...children);
    this.mostChildren = Math.max(this.mostChildren, children.length);
  }

  #quarters(key: 'supervisorBytes' | 'childrenBytes'): Quarters {
    const of = (from: number, to: number) =>
      median(this.#looks.filter(({ progress }) => progress >= from && progress < to).map((look) => look[key]));
    return { firstBytes: of(0, 0.25), lastBytes: of(0.75, 1) };
  }
}

/** Whether memory stayed where it was: a tenth and 16 MB more is the noise of a collector. */
export function isFlat({ firstBytes, lastBytes }: Quarters): boolean {
  return lastBytes <= firstBytes * 1.1 + 16e6;
}
