import { clip } from '../../api/conditions.ts';
import { nestsTooDeep } from '../../api/json-depth.ts';
import { type EndReason, REASONS } from '../../api/outcome.ts';
import { type CompilationResult, MAX_LOG_LINES, type RunOutcome } from '../../api/pod-protocol.ts';
import type { OutcomeInput } from '../../api/status.ts';
import { checkedSpans } from './span-check.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

/** Longest message and file name of a compilation in characters: what the sandbox itself gives is no longer. */
const MAX_MESSAGE = 4096;
const MAX_FILE = 1024;

/**
 * Validates a pod's outcome. The image of a pod may be any, so all fields are checked: undefined if it violates the
 * protocol.
 */
export function checkedOutcome(value: unknown): OutcomeInput | undefined {
  const { reason, result, error, logs, usage, startTime, completionTime, spans } = record(value) as Partial<RunOutcome>;
  const rule = typeof reason === 'string' && Object.hasOwn(REASONS, reason) ? REASONS[reason as EndReason] : undefined;
  if (reason === undefined || rule === undefined || (rule.succeeded as string) === 'Unknown') return undefined;
  const [start, completion] = [checkedTime(startTime), checkedTime(completionTime)];
  if (start === undefined || completion === undefined || nestsTooDeep(result)) return undefined;
  const common = {
    logs: (Array.isArray(logs) ? logs : []).slice(-MAX_LOG_LINES).map(checkedLine),
    usage: checkedUsage(usage),
    startTime: start,
    completionTime: completion,
    ...(spans === undefined ? {} : { spans: checkedSpans(spans) }),
  };
  return {
    ...common,
    reason,
    ...(result === undefined ? {} : { result }),
    ...(rule.errorType === null
      ? {}
      : { error: { ...checkedError(error), type: rule.errorType, retryable: rule.retryable } }),
  };
}

/** Validates what a pod says of a compilation: undefined if it violates the protocol. Texts are clipped, since many are kept. */
export function checkedCompilation(value: unknown): CompilationResult | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { error } = value as CompilationResult;
  if (error === undefined) return {};
  const { message, file, ...place } = checkedError(error);
  return {
    error: {
      message: clip(message, MAX_MESSAGE),
      ...(file === undefined ? {} : { file: clip(file, MAX_FILE) }),
      ...place,
    },
  };
}

function checkedError(value: unknown): { message: string; file?: string; line?: number; column?: number } {
  const { message, file, line, column } = record(value);
  return {
    message: typeof message === 'string' ? message : '',
    ...(typeof file === 'string' && file !== '' ? { file } : {}),
    ...(isCount(line) && line >= 1 ? { line } : {}),
    ...(isCount(column) && column >= 1 ? { column } : {}),
  };
}

function checkedLine(value: unknown): OutcomeInput['logs'][number] {
  const { time, level, message } = record(value);
  return {
    time: checkedTime(time) ?? new Date(0),
    level: LEVELS.includes(level as Level) ? (level as Level) : 'info',
    message: typeof message === 'string' ? message : '',
  };
}

function checkedUsage(value: unknown): NonNullable<OutcomeInput['usage']> {
  const usage = record(value);
  const amount = (name: string): number => {
    const given = usage[name];
    return typeof given === 'number' && given >= 0 && given <= Number.MAX_SAFE_INTEGER ? given : 0;
  };
  return {
    cpuMilliseconds: amount('cpuMilliseconds'),
    wallMilliseconds: amount('wallMilliseconds'),
    peakHeapBytes: amount('peakHeapBytes'),
    apiCalls: Math.round(amount('apiCalls')),
    ...(amount('fetches') === 0
      ? {}
      : {
          fetches: Math.round(amount('fetches')),
          fetchBytesSent: Math.round(amount('fetchBytesSent')),
          fetchBytesReceived: Math.round(amount('fetchBytesReceived')),
        }),
  };
}

/** Within the years of RFC 3339, the only ones the API accepts. */
function checkedTime(text: unknown): Date | undefined {
  const time = new Date(typeof text === 'string' ? text : Number.NaN);
  const year = time.getUTCFullYear(); // NaN for an invalid date
  return year >= 0 && year <= 9999 ? time : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) < 2 ** 31;

function record(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}
