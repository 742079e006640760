import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { parseRunId } from '../../api/pod-protocol.ts';
import type { RequestReport } from '../egress/request-record.ts';
import type { ExecutionOutcome, LogLine } from '../types.ts';
import type { LogSource } from './log-sink.ts';
import type { RunIdentity, RunTimes } from './runner.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type PodLogLevel = (typeof LOG_LEVELS)[number];

type Fields = Readonly<Record<string, unknown>>;

/**
 * The pod's log: one JSON object per line. It contains logs of scripts at all levels, marked `source: script`, and
 * never sources, params, results or tokens.
 */
export class PodLog {
  readonly #pod: Logger;
  readonly #scripts: Logger;

  /** @param destinations of the pod's own lines and of script lines */
  constructor(level: PodLogLevel, destinations: Readonly<Record<LogSource, DestinationStream>>) {
    const options: LoggerOptions = {
      base: null,
      timestamp: false, // script lines have their own time
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    };
    this.#pod = pino({ ...options, level }, destinations.pod).child({ source: 'pod' });
    this.#scripts = pino({ ...options, level: 'debug' }, destinations.script).child({ source: 'script' });
  }

  write(level: PodLogLevel | 'fatal', message: string, fields: Fields = {}): void {
    this.#pod[level]({ time: new Date().toISOString(), ...fields }, message);
  }

  script(run: RunIdentity, { time, level, message }: LogLine): void {
    this.#scripts[level]({ time: time.toISOString(), ...identity(run) }, message);
  }

  ended(run: RunIdentity, { reason, error, usage }: ExecutionOutcome, { waitMs }: RunTimes): void {
    this.write('info', 'run finished', {
      ...identity(run),
      reason,
      ...(error === undefined ? {} : { errorType: error.type, errorMessage: error.message }),
      waitMilliseconds: Math.round(waitMs * 1000) / 1000,
      ...usage,
    });
  }

  /** The audit log of what scripts send. */
  fetched(run: RunIdentity, report: RequestReport): void {
    this.write(report.outcome === 'refused' ? 'warn' : 'info', 'request of a script', { ...identity(run), ...report });
  }

  /** The same of what loading a tool sends. */
  toolRequested(report: RequestReport): void {
    this.write(report.outcome === 'refused' ? 'warn' : 'info', 'request to load a tool', { ...report });
  }

  hostFunctionFailed(run: RunIdentity, name: string, error: unknown): void {
    this.write('error', `host function '${name}' failed`, { ...identity(run), error });
  }
}

/** Only these fields: other properties of an error may contain secrets. */
function describeError(error: unknown): Fields {
  if (!(error instanceof Error)) return { message: String(error) };
  return { type: error.name, message: error.message, stack: error.stack };
}

function identity({ id, request: { context, tenantKey }, traceID }: RunIdentity): Fields {
  return {
    execution: parseRunId(id)?.uid ?? id,
    run: id,
    tenant: context.tenant.id,
    tenantKey,
    requestID: context.requestID,
    // As OpenTelemetry names it in logs of any format.
    ...(traceID === undefined ? {} : { trace_id: traceID }),
  };
}
