import { messageWithCauses } from '../../api/error-causes.ts';
import { MAX_LOG_LINES, type RunOutcome } from '../../api/pod-protocol.ts';
import { ScriptError } from '../script-error.ts';
import type { ExecutionOutcome } from '../types.ts';

/** Converts an outcome of the engine for the operator. */
export function wireOutcome({
  reason,
  result,
  error,
  logs,
  usage,
  startTime,
  completionTime,
  spans,
}: ExecutionOutcome): RunOutcome {
  return {
    reason,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error: wireError(error) }),
    logs: logs.slice(-MAX_LOG_LINES).map(({ time, level, message }) => ({ time: time.toISOString(), level, message })),
    usage,
    startTime: startTime.toISOString(),
    completionTime: completionTime.toISOString(),
    ...(spans === undefined ? {} : { spans }),
  };
}

type Times = Pick<ExecutionOutcome, 'startTime' | 'completionTime'>;

/** The outcome of a run that failed with an internal error of the pod. */
export function lostOutcome({ startTime, completionTime }: Times): ExecutionOutcome {
  return {
    reason: 'SandboxLost',
    error: new ScriptError('SandboxLost', {
      message: 'internal error of the pod while it ran the script; see its log',
    }),
    logs: [],
    usage: { cpuMilliseconds: 0, wallMilliseconds: 0, peakHeapBytes: 0, apiCalls: 0 },
    startTime,
    completionTime,
  };
}

/** An error as the protocol has it. */
export function wireError(error: ScriptError): NonNullable<RunOutcome['error']> {
  const { type, retryable, file, line, column } = error;
  return {
    type,
    message: messageWithCauses(error),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    retryable,
  };
}
