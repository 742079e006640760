import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { JsonObject } from '../../api/json.ts';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import { ScriptRequests } from '../execute/script-requests.ts';
import { executeCode } from '../mcp/execute-code.ts';
import { executeServer } from '../mcp/execute-server.ts';
import type { ExecuteTool, ToolOutcome } from '../mcp/execute-tool.ts';
import { toolDescription } from '../mcp/tool-description.ts';
import type { LocalExecutor } from './local-executor.ts';

export interface StdioParts {
  readonly local: LocalExecutor;
  /** The one that code runs on. */
  readonly runtime: ScriptRuntime;
  /** `spec.context` of all code. */
  readonly context: JsonObject;
  /** Version of this program. */
  readonly version: string;
  readonly input: Readable;
  readonly output: Writable;
  /** Ends the server. */
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** A message with the longest code, with every character escaped, has some 1.6 MB. */
const MAX_MESSAGE_BYTES = 4 << 20;

/**
 * Serves MCP to one client over two streams, until the client closes its end or the signal aborts. What runs then is
 * cancelled.
 */
export async function serveMcpStdio(parts: StdioParts): Promise<void> {
  const { local, runtime, context, version, input, output, signal, onError } = parts;
  const { namespace, name } = runtime.metadata;
  const requests = new ScriptRequests({ executor: local.executor, recorder: undefined });
  const ended = new AbortController();
  const running = new Set<Promise<ToolOutcome>>();
  const tenant = tenantIn(context) ?? namespace;
  const tool: ExecuteTool = {
    version,
    description: toolDescription(runtime, tenant, await local.hostTypes(runtime, tenant)),
    execute: async (code, call) => {
      const trace = { requestID: randomUUID() };
      const request = { namespace, runtime: name, context, record: 'Never', username: '', trace } as const;
      const cancelled = AbortSignal.any([call.signal, ended.signal]);
      const outcome = executeCode(requests, code, request, { ...call, signal: cancelled }, onError).then(
        (executed) => executed.outcome,
      );
      running.add(outcome);
      return await outcome.finally(() => running.delete(outcome));
    },
  };
  const transport = new StdioServerTransport(input, output, { maxBufferSize: MAX_MESSAGE_BYTES });
  const closed = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error'] as const) input.once(event, () => resolve());
    output.once('error', () => resolve());
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const server = serveStdio(() => executeServer(tool), { transport, onerror: onError });
  await closed;
  ended.abort(new Error('the client is gone'));
  await server.close();
  await Promise.all(running);
}

function tenantIn({ tenant }: JsonObject): string | undefined {
  const id = typeof tenant === 'object' && tenant !== null && !Array.isArray(tenant) ? tenant.id : undefined;
  return typeof id === 'string' ? id : undefined;
}
