export type Labels = Readonly<Record<string, string>>;

export interface CounterMetric {
  /** By 1 where no value is given; by 0 to make the series be there from the start. */
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

/** Where metrics go. Asking for a name again gives the same metric, so that many queues can share one by label. */
export interface Metrics {
  counter(definition: MetricDefinition): CounterMetric;
  /**
   * `collect` is called when somebody reads the metrics, until the signal: it sets what is only known then. What it does not set
   * again is gone.
   */
  gauge(definition: MetricDefinition, collect?: (gauge: GaugeMetric) => void, until?: AbortSignal): GaugeMetric;
  /** Buckets in the unit of the name. */
  histogram(definition: MetricDefinition & { readonly buckets: readonly number[] }): HistogramMetric;
}

const nothing = { inc() {}, set() {}, observe() {} };

/** Counts nothing. */
export const NO_METRICS: Metrics = { counter: () => nothing, gauge: () => nothing, histogram: () => nothing };

/** So many buckets, each `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start * factor ** index);
}
