import type { OverrideOptions } from '../../run/option-values.ts';
import type { ClusterOptions } from '../cluster.ts';

/** Options of `kubectl copepod run`. */
export interface PluginRunOptions extends ClusterOptions, OverrideOptions {
  readonly runtime?: string;
  /** Name of a script's execution. */
  readonly name?: string;
  readonly bundle?: boolean;
  /** False: returns once it is written. */
  readonly wait: boolean;
  /** Cancels the execution on Ctrl-C. */
  readonly cancelOnInterrupt?: boolean;
  /** Deletes the execution after it has finished. */
  readonly rm?: boolean;
  readonly timestamps?: boolean;
  readonly output: 'result' | 'json' | 'yaml' | 'name';
}
