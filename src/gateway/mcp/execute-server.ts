/** The MCP server, by the official SDK, which is loaded with this module: it is imported where MCP is used, and not before. */
import { createMcpHandler, fromJsonSchema, McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { type ExecuteTool, INPUT_SCHEMA, OUTPUT_SCHEMA, TOOL } from './execute-tool.ts';

/** Clients that ask for progress hear of it this often, so that they know that the call is alive. */
const PROGRESS_MS = 5000;

const inputSchema = fromJsonSchema<{ readonly code: string }>(INPUT_SCHEMA as object);
const outputSchema = fromJsonSchema(OUTPUT_SCHEMA as object);

/** A server with one tool, for one request or connection. */
export function executeServer(tool: ExecuteTool): McpServer {
  const { version, description } = tool;
  const server = new McpServer(
    { name: 'copepod', title: 'Copepod', version },
    { capabilities: { tools: { listChanged: false } } },
  );
  const annotations = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true };
  server.registerTool(
    TOOL,
    { title: 'Execute code', description, inputSchema, outputSchema, annotations },
    async ({ code }, context) => {
      const { id, signal, _meta: meta } = context.mcpReq;
      const { traceparent, tracestate } = (meta ?? {}) as { traceparent?: string; tracestate?: string };
      using _progress = progressOf(context);
      const { isError, content } = await tool.execute(code, { id, signal, traceparent, tracestate });
      // The text is for clients that know no structured content.
      return {
        content: [{ type: 'text', text: JSON.stringify(content) }],
        structuredContent: content,
        ...(isError ? { isError } : {}),
      };
    },
  );
  return server;
}

/**
 * Answers one HTTP request, without a session: of revision 2026-07-28, or of the earlier ones that begin with
 * `initialize`.
 *
 * @param body the body, parsed; undefined where there is none
 */
export async function answerMessage(tool: ExecuteTool, request: Request, body: unknown): Promise<Response> {
  const handler = createMcpHandler(() => executeServer(tool));
  return await handler.fetch(request, body === undefined ? {} : { parsedBody: body });
}

/** Tells the client of progress, in seconds, until it is disposed. */
function progressOf({ mcpReq }: ServerContext): Disposable {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return { [Symbol.dispose]: () => {} };
  let progress = 0;
  const timer = setInterval(() => {
    progress += PROGRESS_MS / 1000;
    const params = { progressToken, progress, message: `waits or runs for ${progress} s` };
    // Nobody may be there any more.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  }, PROGRESS_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
