import type { Load } from './closed-loop.ts';
import type { Sample } from './statistics.ts';
import type { Workload } from './workload.ts';

/** A way to run scripts, each in fresh state. */
export interface Contestant {
  readonly name: string;
  /** What is fresh for each execution, and what the comparison leaves out. */
  readonly note: string;
  /** Installs or builds what it needs beside this repository's packages, once. */
  readonly prepare?: () => Promise<void>;
  /** Starts with capacity for `lanes` concurrent executions. */
  readonly start: (lanes: number) => Promise<Engine>;
}

export interface Engine {
  readonly measure: (workload: Workload, load: Load) => Promise<Sample>;
  readonly close: () => Promise<void>;
}
