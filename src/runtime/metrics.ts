import { type EndReason, REASONS } from '../api/outcome.ts';
import type { CompilationStats } from './compiler.ts';
import type { Containment } from './containment.ts';
import type { PoolStats } from './pool-options.ts';

/** Counts of executions since the runtime was made. */
export interface ExecutionStats {
  /** Ended, however they ended. */
  readonly total: number;
  readonly succeeded: number;
  /** Failed for other reasons than time. */
  readonly errors: number;
  readonly timeouts: number;
  readonly running: number;
  /** Waiting for a VM. */
  readonly pending: number;
}

export interface RuntimeMetrics {
  readonly executions: ExecutionStats;
  /** Ends by reason. */
  readonly reasons: Readonly<Partial<Record<EndReason, number>>>;
  readonly pool: PoolStats;
  readonly compilation: CompilationStats;
  readonly containment: Containment;
}

/** Counts what executions do. */
export class ExecutionCounter {
  readonly #reasons: Partial<Record<EndReason, number>> = {};
  running = 0;
  pending = 0;

  ended(reason: EndReason): void {
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
  }

  get reasons(): Readonly<Partial<Record<EndReason, number>>> {
    return { ...this.#reasons };
  }

  stats(): ExecutionStats {
    let total = 0;
    let errors = 0;
    let timeouts = 0;
    for (const [reason, count] of Object.entries(this.#reasons) as [EndReason, number][]) {
      total += count;
      const { errorType } = REASONS[reason];
      if (errorType === 'TimeoutError') timeouts += count;
      else if (errorType !== null) errors += count;
    }
    const succeeded = this.#reasons.Completed ?? 0;
    return { total, succeeded, errors, timeouts, running: this.running, pending: this.pending };
  }
}
