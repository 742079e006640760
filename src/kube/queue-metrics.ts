import {
  type CounterMetric,
  exponentialBuckets,
  type GaugeMetric,
  type HistogramMetric,
  type Metrics,
} from './metrics.ts';

/** From 0.1 ms to 1000 s. */
const BUCKETS = exponentialBuckets(1e-4, 10, 8);
const labelNames = ['name'];

/** The metrics of a work queue, with the names of controller-runtime. */
export class QueueMetrics<K> {
  readonly #labels: { readonly name: string };
  readonly #addedAt = new Map<K, number>();
  readonly #startedAt = new Map<K, number>();
  readonly #depth: GaugeMetric;
  readonly #adds: CounterMetric;
  readonly #retries: CounterMetric;
  readonly #waited: HistogramMetric;
  readonly #worked: HistogramMetric;

  constructor(name: string, metrics: Metrics) {
    this.#labels = { name };
    const queue = (suffix: string, help: string) => ({ name: `workqueue_${suffix}`, help, labelNames });
    this.#depth = metrics.gauge(queue('depth', 'Keys waiting to be processed.'));
    this.#adds = metrics.counter(queue('adds_total', 'Keys added.'));
    this.#retries = metrics.counter(queue('retries_total', 'Keys added again after a failure.'));
    const waited = queue('queue_duration_seconds', 'Time a key waits before it is processed.');
    const worked = queue('work_duration_seconds', 'Time to process a key.');
    this.#waited = metrics.histogram({ ...waited, buckets: BUCKETS });
    this.#worked = metrics.histogram({ ...worked, buckets: BUCKETS });
    metrics.gauge(queue('unfinished_work_seconds', 'Sum of the durations of work in progress.'), (gauge) => {
      gauge.set(
        this.#labels,
        this.#runningSeconds().reduce((sum, each) => sum + each, 0),
      );
    });
    metrics.gauge(queue('longest_running_processor_seconds', 'Duration of the longest work in progress.'), (gauge) => {
      gauge.set(this.#labels, Math.max(0, ...this.#runningSeconds()));
    });
    this.#depth.set(this.#labels, 0);
    this.#adds.inc(this.#labels, 0);
    this.#retries.inc(this.#labels, 0);
  }

  added(key: K): void {
    this.#adds.inc(this.#labels);
    this.#addedAt.set(key, performance.now());
  }

  depth(keys: number): void {
    this.#depth.set(this.#labels, keys);
  }

  retried(): void {
    this.#retries.inc(this.#labels);
  }

  started(key: K): void {
    const now = performance.now();
    this.#waited.observe(this.#labels, (now - (this.#addedAt.get(key) ?? now)) / 1000);
    this.#addedAt.delete(key);
    this.#startedAt.set(key, now);
  }

  finished(key: K): void {
    const now = performance.now();
    this.#worked.observe(this.#labels, (now - (this.#startedAt.get(key) ?? now)) / 1000);
    this.#startedAt.delete(key);
  }

  #runningSeconds(): number[] {
    const now = performance.now();
    return [...this.#startedAt.values()].map((startedAt) => (now - startedAt) / 1000);
  }
}
