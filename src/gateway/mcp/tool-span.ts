import { parseTraceparent } from '../../api/trace-context.ts';
import { activeSpan } from '../tracing/request-span.ts';
import { TOOL, type ToolCall, type ToolOutcome } from './execute-tool.ts';

/**
 * Calls the tool in a span of its own: within the one that the call names in its `_meta`, else within that of the HTTP request.
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
 */
export async function inToolSpan<T extends { readonly outcome: ToolOutcome }>(
  call: ToolCall,
  execute: () => Promise<T>,
): Promise<T> {
  const span = activeSpan()?.call(parseTraceparent(call.traceparent));
  if (span === undefined) return await execute();
  let isError = true;
  try {
    const executed = await span.run(execute);
    ({ isError } = executed.outcome);
    return executed;
  } finally {
    span.end({
      name: `tools/call ${TOOL}`,
      kind: 'Server',
      attributes: {
        'mcp.method.name': 'tools/call',
        'gen_ai.tool.name': TOOL,
        'gen_ai.operation.name': 'execute_tool',
        ...(isError ? { 'error.type': 'tool_error' } : {}),
      },
      error: isError ? '' : undefined,
    });
  }
}
