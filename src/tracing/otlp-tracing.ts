import {
  type Context,
  diag,
  type Meter,
  type MeterProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  SamplingDecision,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { LRUCache } from 'lru-cache';
import type { SpanContext } from '../api/trace-context.ts';
import type { CounterMetric, Metrics } from '../kube/metrics.ts';
import type { TracingSettings } from './settings.ts';
import type { SpanPod, TracedSpan, Tracing, TracingParts } from './tracing.ts';

const KINDS = { Internal: SpanKind.INTERNAL, Server: SpanKind.SERVER, Client: SpanKind.CLIENT } as const;
/** Of the platform's spans, and of those that scripts make. */
const SCOPES = { platform: 'copepod.dev', script: 'copepod.dev/script' } as const;
/** `service.name` of runtime pods. */
const POD_SERVICE = 'copepod-runtime';
/** For the last spans, when the process ends. */
const LAST_SPANS_MS = 5000;
/** Errors of the collector are logged at most this often. */
const COMPLAINT_INTERVAL_MS = 60_000;
const MAX_KNOWN_PODS = 1000;

/**
 * Sends spans with OpenTelemetry's SDK: its queue, its sampler and its exporter. Its tracer is not used: most spans are those of
 * pods, which have their ids and times already.
 */
export class OTLPTracing implements Tracing {
  readonly #processor: BatchSpanProcessor;
  readonly #sampler: TraceIdRatioBasedSampler;
  readonly #isParentBased: boolean;
  readonly #version: string;
  readonly #resource: Resource;
  readonly #podResources = new LRUCache<string, Resource>({ max: MAX_KNOWN_PODS });

  private constructor(exporter: SpanExporter, settings: TracingSettings, parts: TracingParts) {
    const { sampler, maxQueueSize, maxExportBatchSize, scheduledDelayMillis, exportTimeoutMillis } = settings;
    this.#processor = new BatchSpanProcessor({
      exporter,
      maxQueueSize,
      maxExportBatchSize,
      scheduledDelayMillis,
      exportTimeoutMillis,
      selfObsMeterProvider: spanCounts(parts.metrics, parts.metricPrefix),
    });
    this.#sampler = new TraceIdRatioBasedSampler(sampler.ratio);
    this.#isParentBased = sampler.isParentBased;
    this.#version = parts.version;
    const own = { 'service.name': parts.serviceName, 'service.version': parts.version };
    this.#resource = defaultResource()
      .merge(resourceFromAttributes(own))
      .merge(detectResources({ detectors: [envDetector] }));
  }

  static async start(settings: TracingSettings, parts: TracingParts): Promise<OTLPTracing> {
    tellOfErrors(parts.onError);
    const { OTLPTraceExporter } =
      settings.protocol === 'http/json'
        ? await import('@opentelemetry/exporter-trace-otlp-http')
        : await import('@opentelemetry/exporter-trace-otlp-proto');
    return new OTLPTracing(new OTLPTraceExporter(), settings, parts);
  }

  isSampled(traceID: string, parent: SpanContext | undefined): boolean {
    if (parent !== undefined && this.#isParentBased) return parent.isSampled;
    return this.#sampler.shouldSample(NO_CONTEXT, traceID).decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  record({ traceID, span, identity, pod }: TracedSpan): void {
    const { name, kind, spanID, parentSpanID, startMs, endMs, attributes, error, byScript } = span;
    const startTime = millisToHrTime(startMs);
    const endTime = millisToHrTime(endMs);
    const readable: ReadableSpan = {
      name,
      kind: KINDS[kind],
      spanContext: () => ({ traceId: traceID, spanId: spanID, traceFlags: SAMPLED }),
      ...(parentSpanID === undefined
        ? {}
        : { parentSpanContext: { traceId: traceID, spanId: parentSpanID, traceFlags: SAMPLED } }),
      startTime,
      endTime,
      duration: millisToHrTime(endMs - startMs),
      ended: true,
      status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
      attributes: { ...attributes, ...identity },
      links: [],
      events: [],
      resource: pod === undefined ? this.#resource : this.#resourceOf(pod),
      instrumentationScope: { name: byScript ? SCOPES.script : SCOPES.platform, version: this.#version },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
    this.#processor.onEnd(readable);
  }

  async close(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const isLate = new Promise<void>((resolve) => {
      late = setTimeout(resolve, LAST_SPANS_MS);
    });
    await Promise.race([this.#processor.shutdown().catch(() => {}), isLate]);
    clearTimeout(late);
  }

  #resourceOf({ namespace, name, uid }: SpanPod): Resource {
    const known = this.#podResources.get(uid);
    if (known !== undefined) return known;
    const resource = this.#resource.merge(
      resourceFromAttributes({
        'service.name': POD_SERVICE,
        'service.instance.id': uid,
        'k8s.namespace.name': namespace,
        'k8s.pod.name': name,
        'k8s.pod.uid': uid,
      }),
    );
    this.#podResources.set(uid, resource);
    return resource;
  }
}

const SAMPLED = 1;
const NO_CONTEXT: Context = ROOT_CONTEXT;

/** Logs warnings and errors of the SDK, at most once a minute: a collector may be unreachable for long. */
function tellOfErrors(onError: (message: string) => void): void {
  let lastMs = Number.NEGATIVE_INFINITY;
  const tell = (message: string, ...args: unknown[]): void => {
    if (performance.now() - lastMs < COMPLAINT_INTERVAL_MS) return;
    lastMs = performance.now();
    onError([message, ...args.map(String)].join(' ').slice(0, 1000));
  };
  const ignore = (): void => {};
  diag.setLogger({ error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore });
}

/** The SDK counts what becomes of spans with an OpenTelemetry meter: this one counts into our metrics. */
function spanCounts(metrics: Metrics, prefix: string): MeterProvider {
  const spans: CounterMetric = metrics.counter({
    name: `${prefix}_spans_total`,
    help: 'Spans of traces, by what became of them: exported, dropped because too many waited, or failed to be sent.',
    labelNames: ['result'],
  });
  for (const result of ['exported', 'dropped', 'failed']) spans.inc({ result }, 0);
  const nothing = { add() {}, record() {}, addCallback() {}, removeCallback() {} };
  const meter = {
    createCounter: (name: string) =>
      name === 'otel.sdk.processor.span.processed'
        ? {
            add(count: number, attributes: Readonly<Record<string, unknown>> = {}) {
              const error = attributes['error.type'];
              spans.inc(
                { result: error === undefined ? 'exported' : error === 'queue_full' ? 'dropped' : 'failed' },
                count,
              );
            },
          }
        : nothing,
    createUpDownCounter: () => nothing,
    createObservableUpDownCounter: () => nothing,
    createHistogram: () => nothing,
  };
  return { getMeter: () => meter as unknown as Meter };
}
