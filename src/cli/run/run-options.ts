import type { InspectOptions } from '../inspect/inspect-options.ts';
import type { OverrideOptions } from './option-values.ts';

/** Options of the command line. */
export interface RunCommandOptions extends OverrideOptions, InspectOptions {
  readonly namespace: string;
  readonly output: 'table' | 'json' | 'yaml';
  readonly hostFunctions?: string;
  readonly concurrency?: number;
  readonly watch?: boolean;
  /** What schedules are run as of, in milliseconds since the epoch; now where left out. */
  readonly at?: number;
}
