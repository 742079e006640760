import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { childrenOf, residentBytes } from '../processes.ts';
import { median } from '../statistics.ts';

const CHILDREN_EVERY_MS = 50;
const SUPERVISOR_EVERY_MS = 1000;

interface Look {
  /** From 0 to 1: how much of the work was done. */
  readonly progress: number;
  readonly bytes: number;
}

/** Medians of the first and the last quarter of the work. */
export interface Quarters {
  readonly firstBytes: number;
  readonly lastBytes: number;
}

/**
 * Looks at the resident memory of this process and of its children, from outside. This process collects its garbage
 * before it looks: what V8 keeps for young objects grows for minutes and says nothing of leaks.
 */
export class MemoryWatch {
  readonly #supervisor: Look[] = [];
  readonly #children: Look[] = [];
  readonly #timers: readonly NodeJS.Timeout[];
  /** The most that any child held, and how many there were at once. */
  largestChildBytes = 0;
  mostChildren = 0;

  constructor(progress: () => number) {
    const collectGarbage = garbageCollector();
    this.#timers = [
      setInterval(() => this.#lookAtChildren(progress()), CHILDREN_EVERY_MS),
      setInterval(() => {
        collectGarbage();
        this.#supervisor.push({ progress: progress(), bytes: residentBytes(process.pid) });
      }, SUPERVISOR_EVERY_MS),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  supervisor(): Quarters {
    return quartersOf(this.#supervisor);
  }

  children(): Quarters {
    return quartersOf(this.#children);
  }

  #lookAtChildren(progress: number): void {
    const children = childrenOf(process.pid).map(residentBytes);
    this.#children.push({ progress, bytes: children.reduce((sum, bytes) => sum + bytes, 0) });
    this.largestChildBytes = Math.max(this.largestChildBytes, ...children);
    this.mostChildren = Math.max(this.mostChildren, children.length);
  }
}

function quartersOf(looks: readonly Look[]): Quarters {
  const of = (from: number, to: number) =>
    median(looks.filter(({ progress }) => progress >= from && progress < to).map(({ bytes }) => bytes));
  return { firstBytes: of(0, 0.25), lastBytes: of(0.75, 1) };
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Whether memory stayed where it was: a tenth and 16 MB more is the noise of a collector. */
export function isFlat({ firstBytes, lastBytes }: Quarters): boolean {
  return lastBytes <= firstBytes * 1.1 + 16e6;
}
