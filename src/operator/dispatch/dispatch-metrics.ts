import {
  type CounterMetric,
  exponentialBuckets,
  type HistogramMetric,
  type Metrics,
  NO_METRICS,
} from '../../kube/metrics.ts';
import { WORK_KINDS, type WorkKind } from './work.ts';

/** From 1 ms to about 17 minutes. */
const SECONDS = exponentialBuckets(0.001, 4, 11);

/** Metrics of the dispatcher. */
export class DispatchMetrics {
  readonly #addedAt = new Map<string, number>();
  readonly #waited: HistogramMetric;
  readonly #wrote: HistogramMetric;
  readonly #writes: CounterMetric;

  constructor(metrics: Metrics = NO_METRICS) {
    this.#waited = metrics.histogram({
      name: 'copepod_operator_dispatch_wait_seconds',
      help: 'Time that status writes wait in the dispatcher, by class.',
      labelNames: ['class'],
      buckets: SECONDS,
    });
    this.#wrote = metrics.histogram({
      name: 'copepod_operator_dispatch_duration_seconds',
      help: 'Duration of dispatched writes, including reads before the write.',
      labelNames: ['class'],
      buckets: SECONDS,
    });
    this.#writes = metrics.counter({
      name: 'copepod_operator_dispatches_total',
      help: 'Dispatched writes, by class and result.',
      labelNames: ['class', 'result'],
    });
    for (const kind of WORK_KINDS) {
      for (const result of ['success', 'error']) this.#writes.inc({ class: kind, result }, 0);
    }
  }

  added(key: string): void {
    this.#addedAt.set(key, performance.now());
  }

  removed(key: string): void {
    this.#addedAt.delete(key);
  }

  dispatched(key: string, kind: WorkKind): void {
    const addedAt = this.#addedAt.get(key);
    if (addedAt !== undefined) this.#waited.observe({ class: kind }, (performance.now() - addedAt) / 1000);
  }

  written(kind: WorkKind, result: 'success' | 'error', durationMs: number): void {
    this.#writes.inc({ class: kind, result });
    this.#wrote.observe({ class: kind }, durationMs / 1000);
  }
}
