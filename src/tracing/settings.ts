import { UsageError } from '../api/usage-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How traces are sent, as OpenTelemetry's variables say. The exporter reads those of OTLP itself. */
export interface TracingSettings {
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly sampler: SamplerSettings;
  /** Spans that wait to be sent; more are dropped. */
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
}

/** Which traces are recorded. */
export interface SamplerSettings {
  /** A trace that comes from elsewhere is recorded where it is recorded there. */
  readonly isParentBased: boolean;
  /** Share of the others, from 0 to 1. */
  readonly ratio: number;
}

const PROTOCOLS = ['http/protobuf', 'http/json'] as const;
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
];
const SPECIFICATION = 'https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/';

/**
 * Reads the variables of OpenTelemetry's specification. Undefined where none asks for traces: `OTEL_EXPORTER_OTLP_ENDPOINT`,
 * `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` and `OTEL_TRACES_EXPORTER=otlp` do.
 * @throws UsageError for a value that cannot be followed
 */
export function readTracingSettings(env: Environment): TracingSettings | undefined {
  const value = (name: string): string => env[name]?.trim() ?? '';
  const exporter = value('OTEL_TRACES_EXPORTER').toLowerCase();
  const endpointName = value('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
    ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
    : 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const endpoint = value(endpointName);
  if (value('OTEL_SDK_DISABLED').toLowerCase() === 'true' || exporter === 'none') return undefined;
  if (endpoint === '' && exporter === '') return undefined;
  if (exporter !== '' && exporter !== 'otlp') throw unknown('OTEL_TRACES_EXPORTER', exporter, ['otlp', 'none']);
  if (endpoint !== '' && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new UsageError(`${endpointName}: "${endpoint}" is not the URL of a collector`, 'write http://collector:4318');
  }
  const protocolName = value('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL')
    ? 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'
    : 'OTEL_EXPORTER_OTLP_PROTOCOL';
  const given = value(protocolName) || 'http/protobuf';
  const protocol = PROTOCOLS.find((each) => each === given);
  if (protocol === undefined) throw unknown(protocolName, given, PROTOCOLS);
  const maxQueueSize = numberOf(value, 'OTEL_BSP_MAX_QUEUE_SIZE', 2048, { from: 1, to: 1_000_000 });
  return {
    protocol,
    sampler: samplerOf(value),
    maxQueueSize,
    maxExportBatchSize: Math.min(
      maxQueueSize,
      numberOf(value, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, { from: 1, to: 1_000_000 }),
    ),
    scheduledDelayMillis: numberOf(value, 'OTEL_BSP_SCHEDULE_DELAY', 5000, { from: 0, to: 3_600_000 }),
    exportTimeoutMillis: numberOf(value, 'OTEL_BSP_EXPORT_TIMEOUT', 30_000, { from: 1, to: 3_600_000 }),
  };
}

function samplerOf(value: (name: string) => string): SamplerSettings {
  const name = value('OTEL_TRACES_SAMPLER') || 'parentbased_always_on';
  if (!SAMPLERS.includes(name)) throw unknown('OTEL_TRACES_SAMPLER', name, SAMPLERS);
  const isParentBased = name.startsWith('parentbased_');
  if (name.endsWith('always_on')) return { isParentBased, ratio: 1 };
  if (name.endsWith('always_off')) return { isParentBased, ratio: 0 };
  return { isParentBased, ratio: numberOf(value, 'OTEL_TRACES_SAMPLER_ARG', 1, { from: 0, to: 1 }) };
}

function numberOf(
  value: (name: string) => string,
  name: string,
  byDefault: number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  const text = value(name);
  if (text === '') return byDefault;
  const number = Number(text);
  if (number >= from && number <= to) return number;
  throw new UsageError(`${name}: "${text}" is not a number from ${from} to ${to}`, `see ${SPECIFICATION}`);
}

const unknown = (name: string, value: string, values: readonly string[]): UsageError =>
  new UsageError(`${name}: "${value}" must be one of ${values.join(', ')}`, `see ${SPECIFICATION}`);
