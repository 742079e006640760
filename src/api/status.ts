import { clip, executionConditions } from './conditions.ts';
import { messageWithCauses } from './error-causes.ts';
import type { JsonValue } from './json.ts';
import { MAX_FILE_NAME } from './limits.ts';
import type { ErrorType, Reason } from './outcome.ts';
import type { SpanRecord } from './span.ts';
import { storableJson } from './storable-json.ts';
import { storableText } from './text.ts';
import { formatTime } from './time.ts';
import type { ExecutionError, ExecutionLogLine, ScriptExecutionStatus } from './types.generated.ts';

/** Bounds of the API (crds/) on data from scripts. */
const MAX_ERROR_MESSAGE = 32_768;
const MAX_LOG_LINES = 1000;
const MAX_LOG_MESSAGE = 262_144;

/** The outcome of an execution: the engine's `ExecutionOutcome`. */
export interface OutcomeInput {
  readonly reason: Reason;
  /** Undefined or absent: no result. */
  readonly result?: JsonValue | undefined;
  readonly error?:
    | {
        readonly type: ErrorType;
        readonly message: string;
        /** The cause, and that one's: their messages are added to this one. */
        readonly cause?: unknown;
        readonly file?: string | undefined;
        readonly line?: number | undefined;
        readonly column?: number | undefined;
        readonly retryable: boolean;
      }
    | undefined;
  readonly logs: readonly {
    readonly time: Date;
    readonly level: ExecutionLogLine['level'];
    readonly message: string;
  }[];
  /** Undefined: the usage is unknown, because the process that measured it is gone. */
  readonly usage?:
    | {
        readonly cpuMilliseconds: number;
        readonly wallMilliseconds: number;
        readonly peakHeapBytes: number;
        readonly apiCalls: number;
        /** Absent where `fetch` was not called. */
        readonly fetches?: number;
        readonly fetchBytesSent?: number;
        readonly fetchBytesReceived?: number;
      }
    | undefined;
  readonly startTime: Date;
  readonly completionTime: Date;
  /** Spans of its trace, for a collector and not for the status. */
  readonly spans?: readonly SpanRecord[] | undefined;
}

type Usage = NonNullable<OutcomeInput['usage']>;

/** Run, attempt and source of an outcome; a number that is left out is 1. */
export interface RunInfo {
  readonly run?: number;
  readonly attempts?: number;
  /** Digest of what was run. */
  readonly runDigest: string;
  /** Digest of the script read from `sourceFrom`. */
  readonly sourceDigest?: string;
  readonly traceID?: string | undefined;
}

/** The `status` of a finished execution. */
export function finishedStatus(
  execution: {
    readonly metadata: { readonly generation?: number };
    readonly status?: Pick<ScriptExecutionStatus, 'conditions'>;
  },
  outcome: OutcomeInput,
  info: RunInfo,
): ScriptExecutionStatus {
  const { reason, result, error, usage, completionTime } = outcome;
  const generation = execution.metadata.generation ?? 1;
  const previous = execution.status?.conditions ?? [];
  const message = error === undefined ? (MESSAGES[reason] ?? reason) : messageWithCauses(error);
  const logs = outcome.logs.slice(-MAX_LOG_LINES).map(logLine);
  return {
    observedGeneration: generation,
    conditions: executionConditions({ reason, message, generation, now: completionTime, previous }),
    run: info.run ?? 1,
    runDigest: info.runDigest,
    ...(info.sourceDigest === undefined ? {} : { sourceDigest: info.sourceDigest }),
    ...(info.traceID === undefined ? {} : { traceID: info.traceID }),
    attempts: info.attempts ?? 1,
    startTime: formatTime(outcome.startTime),
    completionTime: formatTime(completionTime),
    ...(result === undefined ? {} : { result: storableJson(result) }),
    ...(error === undefined ? {} : { error: errorStatus(error) }),
    ...(logs.length === 0 ? {} : { logs }),
    ...(usage === undefined ? {} : { usage: wholeNumbers(usage) }),
  };
}

/** Messages of the conditions for reasons without an error. */
const MESSAGES: Readonly<Partial<Record<Reason, string>>> = {
  Completed: 'The script completed.',
  Cancelled: 'The execution was cancelled.',
  DeadlineExceeded: 'The execution did not start within startingDeadlineSeconds.',
  SourceChanged:
    'The script in the ConfigMap, or what it may import, has changed since the first attempt: no other attempt is made.',
};

function errorStatus(error: NonNullable<OutcomeInput['error']>): ExecutionError {
  const { type, file, line, column, retryable } = error;
  return {
    type,
    message: clip(storableText(messageWithCauses(error)), MAX_ERROR_MESSAGE),
    ...(file === undefined ? {} : { file: clip(storableText(file), MAX_FILE_NAME) }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    retryable,
  };
}

function logLine({ time, level, message }: OutcomeInput['logs'][number]): ExecutionLogLine {
  return { time: formatTime(time), level, message: clip(storableText(message), MAX_LOG_MESSAGE) };
}

/** The API has no fractions: Kubernetes advises against floating-point fields. */
function wholeNumbers(usage: Usage): Usage {
  const { cpuMilliseconds, wallMilliseconds, peakHeapBytes, apiCalls } = usage;
  const { fetches, fetchBytesSent = 0, fetchBytesReceived = 0 } = usage;
  return {
    cpuMilliseconds: Math.round(cpuMilliseconds),
    wallMilliseconds: Math.round(wallMilliseconds),
    peakHeapBytes: Math.round(peakHeapBytes),
    apiCalls,
    ...(fetches === undefined ? {} : { fetches, fetchBytesSent, fetchBytesReceived }),
  };
}
