import type { JsonObject } from '../../api/json.ts';
import type { ScriptRequest, ScriptRequests } from '../execute/script-requests.ts';
import type { Notes } from '../http/handler.ts';
import { requestTrace } from '../http/trace-context.ts';
import { Refusal } from '../refusal.ts';
import type { ToolCall, ToolOutcome } from './execute-tool.ts';
import { cancelledOutcome, executedOutcome, refusedOutcome } from './tool-outcome.ts';
import { inToolSpan } from './tool-span.ts';

/** For whom code runs. */
export interface CodeRequest extends Omit<ScriptRequest, 'spec'> {
  /** `spec.context`, where it is given. */
  readonly context?: JsonObject | undefined;
}

export interface ExecutedCode {
  readonly outcome: ToolOutcome;
  /** For the access log and the metrics. */
  readonly notes: Notes;
}

/**
 * Executes the code of a call as a script. Never rejects: whatever happens is an outcome.
 * @param onBug what failed by a bug of this program
 */
export async function executeCode(
  requests: ScriptRequests,
  code: string,
  request: CodeRequest,
  call: ToolCall,
  onBug: (error: unknown) => void,
): Promise<ExecutedCode> {
  return await inToolSpan(call, () => execute(requests, code, request, call, onBug));
}

async function execute(
  requests: ScriptRequests,
  code: string,
  { context, trace, ...request }: CodeRequest,
  call: ToolCall,
  onBug: (error: unknown) => void,
): Promise<ExecutedCode> {
  const spec = { source: code, language: 'TypeScript', ...(context === undefined ? {} : { context }) };
  try {
    const answer = await requests.run({ ...request, spec, trace: { ...trace, ...traceOf(call) } }, call.signal);
    const { status, pod, waitMs, reason, recordedAs } = answer;
    return { outcome: executedOutcome(status), notes: { pod, waitMs, reason, recordedAs } };
  } catch (error) {
    if (error instanceof Refusal) return { outcome: refusedOutcome(error), notes: { reason: error.reason } };
    if (call.signal.aborted) return { outcome: cancelledOutcome(), notes: { reason: 'Cancelled' } };
    onBug(error);
    const bug = new Refusal('InternalError', 'a bug of Copepod; see its log');
    return { outcome: refusedOutcome(bug), notes: { reason: bug.reason } };
  }
}

/** The trace context of a call, where it has one: it wins over that of the HTTP request. */
function traceOf({ traceparent, tracestate }: ToolCall): object {
  const { requestID: _, ...trace } = requestTrace({ traceparent, tracestate });
  return trace;
}
