import { readTracingSettings } from './settings.ts';
import type { Tracing, TracingParts } from './tracing.ts';

/**
 * Starts to send traces, where the environment asks for it; else undefined, and nothing of OpenTelemetry is loaded.
 * @throws UsageError for a variable that cannot be followed
 */
export async function startTracing(parts: TracingParts): Promise<Tracing | undefined> {
  const settings = readTracingSettings(parts.env);
  if (settings === undefined) return undefined;
  const { OTLPTracing } = await import('./otlp-tracing.ts');
  return OTLPTracing.start(settings, parts);
}
