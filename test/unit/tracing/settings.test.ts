import { describe, expect, test } from '@jest/globals';
import { readTracingSettings } from '../../../src/tracing/settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('traces are sent', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['where no variable asks for them', {}, false],
    ['to an endpoint', ENDPOINT, true],
    ['to an endpoint of traces alone', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c.example/v1/traces' }, true],
    ['to the default endpoint of the exporter', { OTEL_TRACES_EXPORTER: 'otlp' }, true],
    ['where the exporter is none', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, false],
    ['where the SDK is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, false],
    ['to an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  ])('%s: %j %s', (_what, env, isSent) => {
    expect(readTracingSettings(env) !== undefined).toBe(isSent);
  });

  test('as the specification has it where no more is said', () => {
    expect(readTracingSettings(ENDPOINT)).toEqual({
      protocol: 'http/protobuf',
      sampler: { isParentBased: true, ratio: 1 },
      maxQueueSize: 2048,
      maxExportBatchSize: 512,
      scheduledDelayMillis: 5000,
      exportTimeoutMillis: 30_000,
    });
  });
});

describe('the sampler', () => {
  test.each([
    ['always_on', undefined, { isParentBased: false, ratio: 1 }],
    ['always_off', undefined, { isParentBased: false, ratio: 0 }],
    ['traceidratio', '0.25', { isParentBased: false, ratio: 0.25 }],
    ['parentbased_always_off', undefined, { isParentBased: true, ratio: 0 }],
    ['parentbased_traceidratio', '0', { isParentBased: true, ratio: 0 }],
    ['parentbased_traceidratio', undefined, { isParentBased: true, ratio: 1 }],
  ])('%s with argument %s', (sampler, arg, expected) => {
    const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: arg };
    expect(readTracingSettings(env)?.sampler).toEqual(expected);
  });
});

describe('what cannot be followed is an error with its variable', () => {
  test.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
    ['OTEL_BSP_SCHEDULE_DELAY', 'soon'],
  ])('%s=%s', (name, value) => {
    expect(() => readTracingSettings({ ...ENDPOINT, [name]: value })).toThrow(name);
  });

  test('a ratio beyond 1', () => {
    const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' };
    expect(() => readTracingSettings(env)).toThrow('OTEL_TRACES_SAMPLER_ARG: "2" is not a number from 0 to 1');
  });
});
