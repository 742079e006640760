import type { Attributes, SpanRecord } from '../api/span.ts';
import type { SpanContext } from '../api/trace-context.ts';
import type { Metrics } from '../kube/metrics.ts';

/** The pod that a span is of. */
export interface SpanPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A span as it is sent. */
export interface TracedSpan {
  readonly traceID: string;
  readonly span: SpanRecord;
  /** What the platform says of it, whatever the span says itself. */
  readonly identity: Attributes;
  /** Undefined: this process. */
  readonly pod?: SpanPod | undefined;
}

/** Records spans and sends them to a collector. Where nothing is traced there is none: callers have `Tracing | undefined`. */
export interface Tracing {
  /** Whether a trace is recorded. The same for the same trace, wherever it is asked. */
  isSampled(traceID: string, parent: SpanContext | undefined): boolean;
  /** Queues a span to be sent. Never waits and never throws. */
  record(span: TracedSpan): void;
  /** Sends what waits, within a few seconds. Never throws. */
  close(): Promise<void>;
}

export interface TracingParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `service.name`, unless a variable names another. */
  readonly serviceName: string;
  readonly version: string;
  readonly metrics: Metrics;
  /** First part of the names of the metrics: `copepod_operator`. */
  readonly metricPrefix: string;
  /** Spans could not be sent. */
  readonly onError: (message: string) => void;
}
