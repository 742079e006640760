export type Labels = Readonly<Record<string, string>>;

export interface CounterMetric {
  /** Adds `value`, by default 1; 0 creates the series so that it is exported from the start. */
  inc(labels: Labels, value?: number): void;
}

export interface GaugeMetric {
  set(labels: Labels, value: number): void;
}

export interface HistogramMetric {
  observe(labels: Labels, value: number): void;
}

export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** A metrics registry. Asking for a name again returns the same metric, so that several queues share one by label. */
export interface Metrics {
  counter(definition: MetricDefinition): CounterMetric;
  /**
   * `collect` runs on every scrape until the signal is aborted, and sets the current values. Series that it does not
   * set are removed.
   */
  gauge(definition: MetricDefinition, collect?: (gauge: GaugeMetric) => void, until?: AbortSignal): GaugeMetric;
  /** Buckets are in the unit of the metric's name. */
  histogram(definition: MetricDefinition & { readonly buckets: readonly number[] }): HistogramMetric;
}

const nothing = { inc() {}, set() {}, observe() {} };

/** Discards everything. */
export const NO_METRICS: Metrics = { counter: () => nothing, gauge: () => nothing, histogram: () => nothing };

/** `count` buckets, each `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start * factor ** index);
}
