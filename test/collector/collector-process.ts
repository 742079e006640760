import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { goProgram } from '../support/go-program.ts';
import { until } from '../support/until.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** A span as the Collector writes it. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceID: string;
  readonly spanID: string;
  /** Empty of a root. */
  readonly parentSpanID: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly resource: Attributes;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A line of the file: OTLP as JSON. */
interface Line {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes?: readonly KeyValue[];
      }[];
    }[];
  }[];
}

/** Builds the Collector where it is not built yet: several minutes the first time. */
export const findCollector = (): string =>
  goProgram(new URL('./', import.meta.url), 'otelcol-copepod', 'the OpenTelemetry Collector, for the test of traces');

/** An OpenTelemetry Collector as a process, which takes OTLP over HTTP and writes it to a file. */
export class CollectorProcess {
  readonly #directory = mkdtempSync(join(tmpdir(), 'copepod-collector-'));
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';

  private constructor() {
    const config = {
      receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
      processors: { batch: { timeout: '100ms' } },
      exporters: { file: { path: this.#file, flush_interval: '100ms' } },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['file'] } },
      },
    };
    const path = join(this.#directory, 'collector.yaml');
    writeFileSync(path, stringify(config));
    this.#process = spawn(findCollector(), ['--config', `file:${path}`], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
  }

  /** Starts it, and waits until it says that it receives. */
  static async start(): Promise<CollectorProcess> {
    const collector = new CollectorProcess();
    const why = (): string => collector.#output;
    const isReady = (): boolean => {
      if (collector.#process.exitCode !== null) throw new Error(`the Collector has ended: ${why()}`);
      return collector.#output.includes('Everything is ready');
    };
    await until('the Collector to be ready', isReady, { withinMs: 60_000, why });
    return collector;
  }

  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get endpoint(): string {
    const [, port] = /"endpoint": "127\.0\.0\.1:(\d+)"/.exec(this.#output) ?? [];
    return `http://127.0.0.1:${port}`;
  }

  get #file(): string {
    return join(this.#directory, 'spans.json');
  }

  /** The spans of a trace, once these names are among them. */
  async trace(traceID: string, names: readonly string[]): Promise<readonly CollectedSpan[]> {
    return (await until(
      `the Collector to have the spans ${names.join(', ')}`,
      () => {
        const found = this.#spans().filter((span) => span.traceID === traceID);
        return names.every((name) => found.some((span) => span.name === name)) ? found : undefined;
      },
      { withinMs: 60_000, why: () => this.#output },
    )) as readonly CollectedSpan[];
  }

  #spans(): CollectedSpan[] {
    if (!existsSync(this.#file)) return [];
    // Its last line may be under way.
    const lines = readFileSync(this.#file, 'utf8').split('\n').slice(0, -1);
    return lines.flatMap((line) => [...spansOf(JSON.parse(line) as Line)]);
  }

  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function* spansOf({ resourceSpans }: Line): Generator<CollectedSpan> {
  for (const { resource, scopeSpans } of resourceSpans) {
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      yield {
        name: span.name,
        traceID: span.traceId,
        spanID: span.spanId,
        parentSpanID: span.parentSpanId ?? '',
        startMs: Number(span.startTimeUnixNano) / 1e6,
        endMs: Number(span.endTimeUnixNano) / 1e6,
        attributes: record(span.attributes),
        resource: record(resource.attributes),
      };
    }
  }
}

const record = (attributes: readonly KeyValue[] = []): Attributes =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [kind, raw] = Object.entries(value)[0] ?? [];
      return [key, kind === 'intValue' ? Number(raw) : raw];
    }),
  );
