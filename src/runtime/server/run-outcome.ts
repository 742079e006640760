import { MAX_LOG_LINES, type RunOutcome } from '../../api/pod-protocol.ts';
import { ScriptError } from '../script-error.ts';
import type { ExecutionOutcome } from '../types.ts';

/** An outcome of the engine as the operator gets it. */
export function wireOutcome({
  reason,
  result,
  error,
  logs,
  usage,
  startTime,
  completionTime,
}: ExecutionOutcome): RunOutcome {
  return {
    reason,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error: wireError(error) }),
    logs: logs.slice(-MAX_LOG_LINES).map(({ time, level, message }) => ({ time: time.toISOString(), level, message })),
    usage,
    startTime: startTime.toISOString(),
    completionTime: completionTime.toISOString(),
  };
}

type Times = Pick<ExecutionOutcome, 'startTime' | 'completionTime'>;

/** How a run ends that this program has lost. */
export function lostOutcome({ startTime, completionTime }: Times): ExecutionOutcome {
  return {
    reason: 'SandboxLost',
    error: new ScriptError('SandboxLost', { message: 'the pod could not run the script to its end; its log says why' }),
    logs: [],
    usage: { cpuMilliseconds: 0, wallMilliseconds: 0, peakHeapBytes: 0, apiCalls: 0 },
    startTime,
    completionTime,
  };
}

function wireError({ type, message, retryable, line, column }: ScriptError): NonNullable<RunOutcome['error']> {
  return {
    type,
    message,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    retryable,
  };
}
