import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { processTree, residentBytes } from '../processes.ts';
import { median } from '../statistics.ts';

const CHILDREN_EVERY_MS = 50;
const SUPERVISOR_EVERY_MS = 1000;

interface Sample {
  /** Share of the work done, 0 to 1. */
  readonly progress: number;
  readonly bytes: number;
}

/** Medians of the first and the last quarter of the work. */
export interface Quarters {
  readonly firstBytes: number;
  readonly lastBytes: number;
}

/**
 * Samples the resident memory of this process and of all that it has started, zygotes and what they have forked, from outside. This process collects garbage before each
 * sample: V8's young generation grows for minutes, which is not a leak.
 */
export class MemoryWatch {
  readonly #supervisor: Sample[] = [];
  readonly #children: Sample[] = [];
  readonly #timers: readonly NodeJS.Timeout[];
  /** Largest memory of a process, and the largest number of them. */
  largestChildBytes = 0;
  mostChildren = 0;

  constructor(progress: () => number) {
    const collectGarbage = garbageCollector();
    this.#timers = [
      setInterval(() => this.#sampleChildren(progress()), CHILDREN_EVERY_MS),
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

  /** Of a process in the mean: zygotes are renewed, so that their number varies. */
  children(): Quarters {
    return quartersOf(this.#children);
  }

  #sampleChildren(progress: number): void {
    const [, ...started] = processTree(process.pid);
    const children = started.map(residentBytes).filter((bytes) => bytes > 0);
    if (children.length === 0) return;
    this.#children.push({ progress, bytes: children.reduce((sum, bytes) => sum + bytes) / children.length });
    this.largestChildBytes = Math.max(this.largestChildBytes, ...children);
    this.mostChildren = Math.max(this.mostChildren, children.length);
  }
}

function quartersOf(samples: readonly Sample[]): Quarters {
  const of = (from: number, to: number) =>
    median(samples.filter(({ progress }) => progress >= from && progress < to).map(({ bytes }) => bytes));
  return { firstBytes: of(0, 0.25), lastBytes: of(0.75, 1) };
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Whether memory stayed constant: growth of a tenth and 16 MB is noise of the garbage collector. */
export function isFlat({ firstBytes, lastBytes }: Quarters): boolean {
  return lastBytes <= firstBytes * 1.1 + 16e6;
}
