import type { OperatorDeployment } from '../cluster/operator-deployment.ts';
import type { Progress } from '../cluster/progress.ts';
import type { Target } from '../cluster/target.ts';
import type { Options } from './options.ts';

export interface PartContext {
  readonly target: Target;
  readonly operator: OperatorDeployment;
  readonly progress: Progress;
  readonly options: Options;
  readonly signal: AbortSignal;
}

/** One aim under load, and its result. */
export interface Check {
  readonly text: string;
  readonly measured: string;
  readonly met: boolean;
  /** The program fails if it is not met: an invariant rather than an aim. */
  readonly required?: boolean;
}

export interface PartResult {
  /** For the terminal. */
  readonly text: string;
  /** For the JSON file. */
  readonly figures: unknown;
  readonly checks: readonly Check[];
}

/** Checks that nothing failed. */
export function nothingFailed(what: string, failures: readonly string[]): Check {
  const examples = failures.slice(0, 3).join('; ');
  const measured = failures.length === 0 ? '0' : `${failures.length}: ${examples}`;
  return { text: `${what} that failed`, measured, met: failures.length === 0, required: true };
}
