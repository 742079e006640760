import { MAX_LOG_LINES, type RunOutcome } from '../../api/pod-protocol.ts';
import { ScriptError } from '../script-error.ts';
import type { ExecutionOutcome } from '../types.ts';

/** An outcome of the engine as the operator gets it. */
export function wireOutcome({ reason, result, error, logs, usage, startTime }: ExecutionOutcome): RunOutcome {
  return {
    reason,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error: wireError(error) }),
    logs: logs.slice(-MAX_LOG_LINES).map(({ time, level, message }) => ({ time: time.toISOString(), level, message })),
    usage,
    startTime: startTime.toISOString(),
    // By the monotonic clock: the other one may be set while a script runs.
    completionTime: new Date(startTime.getTime() + usage.wallMilliseconds).toISOString(),
  };
}

/** How a run ends that this program has lost. */
export function lostOutcome(startTime: Date): ExecutionOutcome {
  return {
    reason: 'SandboxLost',
    error: new ScriptError('SandboxLost', { message: 'the pod could not run the script to its end; its log says why' }),
    logs: [],
    usage: { cpuMilliseconds: 0, wallMilliseconds: 0, peakHeapBytes: 0, apiCalls: 0 },
    startTime,
    completionTime: new Date(),
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
