import { succeededCondition } from '../../api/conditions.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import type { Task } from '../input/workload.ts';
import { terminalStyle } from '../output/style.ts';
import { durationText, Table } from '../output/table.ts';
import type { Finished } from './run-task.ts';

/** The output of a run. */
export interface Report {
  /** An execution has finished. */
  finished(finished: Finished): void;
  /** All executions have finished, in the order of the tasks. */
  end(finished: readonly Finished[]): Promise<void>;
}

/** A row as each execution finishes; then the errors and the logs. */
export class TableReport implements Report {
  readonly #tasks: readonly Task[];
  readonly #table: Table;
  readonly #style = terminalStyle(process.stdout);
  readonly #started = performance.now();

  constructor(tasks: readonly Task[]) {
    this.#tasks = tasks;
    const executions = tasks.map(({ execution }) => execution);
    this.#table = new Table(executions, this.#style, columns());
    process.stdout.write(this.#table.header());
  }

  finished({ execution }: Finished): void {
    process.stdout.write(this.#table.row(execution));
  }

  async end(finished: readonly Finished[]): Promise<void> {
    if (finished.some(({ execution: { status } }) => status.error !== undefined || status.logs !== undefined)) {
      await this.#details(finished);
    }
    const summary = summaryText(finished.map(({ execution }) => execution));
    process.stdout.write(`\n${this.#style.bold(summary)} in ${durationText(performance.now() - this.#started)}\n`);
  }

  /** Errors and logs, one execution after the other. */
  async #details(finished: readonly Finished[]): Promise<void> {
    const { failureText, logsText } = await import('../output/failure.ts');
    const logStyle = terminalStyle(process.stderr);
    for (const [index, each] of finished.entries()) {
      process.stdout.write(failureText(each, this.#tasks[index] as Task, this.#style));
      process.stderr.write(logsText(each.execution, logStyle));
    }
  }
}

/** A List at the end, and nothing else on standard output. */
export class ListReport implements Report {
  readonly #format: 'json' | 'yaml';

  constructor(format: 'json' | 'yaml') {
    this.#format = format;
  }

  finished(): void {}

  async end(finished: readonly Finished[]): Promise<void> {
    const { listText } = await import('../output/list.ts');
    const items = finished.map(({ execution }) => execution);
    process.stdout.write(listText(items, this.#format));
  }
}

const OUTCOMES = ['succeeded', 'failed', 'cancelled', 'suspended', 'not started'] as const;

/** Width of the terminal, or COLUMNS if the output is a pipe. */
function columns(): number | undefined {
  const said = Number(process.env.COLUMNS);
  return process.stdout.columns ?? (said > 0 ? said : undefined);
}

/** `3 succeeded, 1 failed`. Pure. */
export function summaryText(executions: readonly ScriptExecution[]): string {
  const counts = new Map(OUTCOMES.map((outcome) => [outcome, 0]));
  for (const { status } of executions) {
    const succeeded = succeededCondition(status);
    const outcome = outcomeOf(succeeded?.status, succeeded?.reason);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return [...counts]
    .filter(([outcome, count]) => count > 0 || outcome === 'succeeded')
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');
}

function outcomeOf(status: string | undefined, reason: string | undefined): (typeof OUTCOMES)[number] {
  if (status === 'True') return 'succeeded';
  if (reason === 'Cancelled') return 'cancelled';
  if (reason === 'Suspended') return 'suspended';
  return status === 'False' ? 'failed' : 'not started';
}
