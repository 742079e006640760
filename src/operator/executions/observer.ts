import { succeededCondition } from '../../api/conditions.ts';
import { REASONS, type Reason } from '../../api/outcome.ts';
import type { Condition, ScriptExecution } from '../../api/types.generated.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { type CounterMetric, exponentialBuckets, type HistogramMetric, type Metrics } from '../../kube/metrics.ts';

/** Which transitions are recorded as Events. */
export const EVENT_LEVELS = ['none', 'failures', 'all'] as const;
export type EventLevel = (typeof EVENT_LEVELS)[number];

/** Reasons to wait that need an action of the user. */
const NEEDS_HELP: ReadonlySet<Reason> = new Set(['RuntimeNotFound', 'SourceNotFound']);
/** From 1 ms to about 17 minutes. */
const SECONDS = exponentialBuckets(0.001, 4, 11);

/** Records Events and metrics of executions. */
export class ExecutionObserver {
  readonly #events: EventRecorder;
  readonly #level: EventLevel;
  readonly #ended: CounterMetric;
  readonly #duration: HistogramMetric;

  constructor(events: EventRecorder, level: EventLevel, metrics: Metrics) {
    this.#events = events;
    this.#level = level;
    this.#ended = metrics.counter({
      name: 'copepod_operator_executions_total',
      help: 'Finished executions, by the reason of their condition Succeeded.',
      labelNames: ['reason'],
    });
    this.#duration = metrics.histogram({
      name: 'copepod_operator_execution_duration_seconds',
      help: 'Time from the claim of an execution to its recorded outcome.',
      labelNames: [],
      buckets: SECONDS,
    });
    for (const [reason, { succeeded }] of Object.entries(REASONS)) {
      if (succeeded !== 'Unknown') this.#ended.inc({ reason }, 0);
    }
  }

  /** It has been claimed. */
  claimed(execution: ScriptExecution): void {
    if (this.#level !== 'all') return;
    const note = `Claimed for pod ${execution.status.claim?.podName}.`;
    this.#events.record(execution, { reason: 'Running', action: 'Claim', note });
  }

  /** Its status has a new reason to wait. */
  waits(execution: ScriptExecution): void {
    const { reason, message } = succeededOf(execution);
    const needsHelp = NEEDS_HELP.has(reason as Reason);
    if (this.#level === 'none' || (this.#level === 'failures' && !needsHelp)) return;
    this.#events.record(execution, { type: needsHelp ? 'Warning' : 'Normal', reason, action: 'Wait', note: message });
  }

  /** Its outcome is recorded. @param now milliseconds since the epoch, by the clock of its claim */
  ended(execution: ScriptExecution, now: number): void {
    const { status, reason, message } = succeededOf(execution);
    this.#ended.inc({ reason });
    const claimedAt = Date.parse(execution.status.claim?.claimTime ?? '');
    if (Number.isFinite(claimedAt)) this.#duration.observe({}, Math.max(0, now - claimedAt) / 1000);
    const hasFailed = status === 'False';
    if (this.#level === 'none' || (this.#level === 'failures' && !hasFailed)) return;
    this.#events.record(execution, { type: hasFailed ? 'Warning' : 'Normal', reason, action: 'Run', note: message });
  }
}

function succeededOf({ status }: ScriptExecution): Pick<Condition, 'status' | 'reason' | 'message'> {
  const condition = succeededCondition(status);
  return condition ?? { status: 'Unknown', reason: 'Pending', message: '' };
}
