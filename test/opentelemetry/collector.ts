import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { eventually } from '../support/until.ts';

/** A span as the collector has it. */
export interface ReceivedSpan {
  readonly traceID: string;
  readonly spanID: string;
  /** Empty of a root. */
  readonly parentSpanID: string;
  readonly name: string;
  readonly kind: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly scope: string;
  readonly resource: Readonly<Record<string, unknown>>;
}

type Value = Readonly<Record<string, unknown>>;
interface KeyValue {
  readonly key: string;
  readonly value: Value;
}
interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly {
        readonly traceId: Uint8Array;
        readonly spanId: Uint8Array;
        readonly parentSpanId: Uint8Array;
        readonly name: string;
        readonly kind: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes: readonly KeyValue[];
        readonly status: { readonly code: string } | null;
      }[];
    }[];
  }[];
}

const PROTO = join(import.meta.dirname, 'proto');
const SERVICE = 'opentelemetry/proto/collector/trace/v1/trace_service.proto';
const REQUEST = 'opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest';

/** A collector of traces: takes OTLP over HTTP in binary form, and reads it by OpenTelemetry's own definitions. */
export class Collector {
  readonly spans: ReceivedSpan[] = [];
  /** Headers of the requests. */
  readonly headers: IncomingMessage['headers'][] = [];
  readonly #server: Server;
  readonly #type: protobuf.Type;

  private constructor(type: protobuf.Type) {
    this.#type = type;
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(): Promise<Collector> {
    const root = new protobuf.Root();
    root.resolvePath = (_origin, target) => join(PROTO, target);
    await root.load(SERVICE);
    const collector = new Collector(root.lookupType(REQUEST));
    await new Promise<void>((resolve) => collector.#server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The spans of a trace, once these names are among them. */
  async trace(traceID: string, names: readonly string[]): Promise<readonly ReceivedSpan[]> {
    await eventually(() => {
      const received = this.#of(traceID).map(({ name }) => name);
      const missing = names.filter((name) => !received.includes(name));
      if (missing.length > 0) throw new Error(`no spans ${missing.join(', ')} among ${received.join(', ')}`);
    });
    return this.#of(traceID);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #of(traceID: string): readonly ReceivedSpan[] {
    return this.spans.filter((span) => span.traceID === traceID);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const isOTLP = request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
    if (request.method !== 'POST' || !isOTLP) return void response.writeHead(404).end();
    this.headers.push(request.headers);
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const message = this.#type.toObject(this.#type.decode(body), { longs: String, enums: String, defaults: true });
    this.spans.push(...spansOf(message as unknown as Exported));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  }
}

function* spansOf({ resourceSpans }: Exported): Generator<ReceivedSpan> {
  for (const { resource, scopeSpans } of resourceSpans) {
    for (const { scope, spans } of scopeSpans) {
      for (const span of spans) {
        yield {
          traceID: hex(span.traceId),
          spanID: hex(span.spanId),
          parentSpanID: hex(span.parentSpanId),
          name: span.name,
          kind: span.kind,
          startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
          endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
          status: span.status?.code ?? 'STATUS_CODE_UNSET',
          attributes: record(span.attributes),
          scope: scope.name,
          resource: record(resource.attributes),
        };
      }
    }
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const record = (attributes: readonly KeyValue[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [kind = '', raw] = Object.entries(value)[0] ?? [];
      return [key, kind === 'intValue' ? Number(raw) : raw];
    }),
  );

/** A server that answers with what it was asked: for fetches of scripts. */
export async function startUpstream(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    await text(request);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(request.headers));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
