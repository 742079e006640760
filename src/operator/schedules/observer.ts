import type { ScriptSchedule } from '../../api/types.generated.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { type CounterMetric, exponentialBuckets, type HistogramMetric, type Metrics } from '../../kube/metrics.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { EventLevel } from '../executions/observer.ts';
import type { ScheduleEvent } from './decision.ts';
import type { DueStart } from './starts.ts';

/** Normal events that tell of a start that did not happen, or of an execution that was ended for another. */
const NOT_STARTED: ReadonlySet<string> = new Set(['ExecutionAlreadyActive', 'Replaced']);
/** From 10 ms to about 45 minutes. */
const SECONDS = exponentialBuckets(0.01, 4, 10);
/** Event reasons that the metric of left-out starts counts. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  ExecutionAlreadyActive: 'forbid',
  MissSchedule: 'deadline',
  NameTaken: 'name_taken',
};

/** Reports to Events and Prometheus what schedules start and leave out. */
export class ScheduleObserver {
  readonly #events: EventRecorder;
  readonly #level: EventLevel;
  readonly #starts: CounterMetric;
  readonly #leftOut: CounterMetric;
  readonly #skew: HistogramMetric;
  /** By schedule and reason, what the last event was about. */
  readonly #told = new Map<string, Map<string, string>>();

  constructor(events: EventRecorder, level: EventLevel, metrics: Metrics) {
    this.#events = events;
    this.#level = level;
    this.#starts = metrics.counter({
      name: 'copepod_operator_schedule_starts_total',
      help: 'Executions that schedules have started, by their times or by hand.',
      labelNames: ['trigger'],
    });
    this.#leftOut = metrics.counter({
      name: 'copepod_operator_schedule_starts_left_out_total',
      help: 'Start times of schedules for which nothing was started, by why.',
      labelNames: ['cause'],
    });
    this.#skew = metrics.histogram({
      name: 'copepod_operator_schedule_start_skew_seconds',
      help: 'Time from the scheduled time of an execution to its creation.',
      labelNames: [],
      buckets: SECONDS,
    });
    for (const trigger of ['schedule', 'manual']) this.#starts.inc({ trigger }, 0);
    for (const cause of Object.values(LEFT_OUT)) this.#leftOut.inc({ cause }, 0);
  }

  /** Tells each event once for what it is about. */
  tell(key: string, schedule: KubeObject, events: readonly ScheduleEvent[]): void {
    const told = this.#told.get(key) ?? new Map<string, string>();
    this.#told.set(key, told);
    for (const { type, reason, note, of } of events) {
      if (told.get(reason) === of) continue;
      told.set(reason, of);
      const cause = LEFT_OUT[reason];
      if (cause !== undefined) this.#leftOut.inc({ cause });
      const isNotable = type === 'Warning' || NOT_STARTED.has(reason);
      if (this.#level === 'none' || (this.#level === 'failures' && !isNotable)) continue;
      this.#events.record(schedule, { type, reason, action: 'Schedule', note });
    }
  }

  /** An execution has been created. @param nowMs by the API server's clock */
  started(key: string, schedule: ScriptSchedule, start: DueStart, nowMs: number): void {
    const isManual = start.triggeredBy === 'user';
    this.#starts.inc({ trigger: isManual ? 'manual' : 'schedule' });
    if (!isManual) this.#skew.observe({}, Math.max(0, nowMs - start.scheduledMs) / 1000);
    const note = `Created execution ${start.name}.`;
    this.tell(key, schedule, [{ type: 'Normal', reason: 'SuccessfulCreate', note, of: start.name }]);
  }

  /** The schedule is gone. */
  forget(key: string): void {
    this.#told.delete(key);
  }
}
