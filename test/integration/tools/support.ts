import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import type { ScriptRuntimeTools } from '../../../src/api/types.generated.ts';
import { type GivenTexts, GivenValues } from '../../../src/runtime/env/value-source.ts';
import type { RuntimeOptions } from '../../../src/runtime/options.ts';
import { specTools } from '../../../src/runtime/tools/spec-tools.ts';

type EgressRules = NonNullable<RuntimeOptions['egress']>['rules'];

/** Options of an engine with tools, as a ScriptRuntime has them. */
export function withTools(
  tools: readonly ScriptRuntimeTools[],
  rules: EgressRules,
  texts: { readonly secrets?: GivenTexts; readonly configMaps?: GivenTexts } = {},
): RuntimeOptions {
  const values = new GivenValues(texts);
  return { egress: { rules }, tools: specTools(tools, values), values };
}

/** A rule for a server of this machine. */
export const ruleFor = (port: number, more: object = {}): EgressRules[number] => ({
  hosts: ['127.0.0.1'],
  schemes: ['http'],
  ports: [port],
  ...more,
});

export interface McpTestServer {
  readonly port: number;
  /** JSON-RPC methods, with the method of HTTP where there is no message. */
  readonly methods: string[];
  readonly authorizations: Set<string | undefined>;
  close(): Promise<void>;
}

/** A server of the official SDK over Streamable HTTP, of each revision that it speaks. */
export async function mcpTestServer(register: (server: McpServer) => void): Promise<McpTestServer> {
  const methods: string[] = [];
  const authorizations = new Set<string | undefined>();
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'test', version: '1' }, { capabilities: { tools: {} } });
    register(server);
    return server;
  });
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    methods.push(body === '' ? `${request.method}` : (JSON.parse(body) as { method: string }).method);
    authorizations.add(request.headers.authorization);
    const url = `http://127.0.0.1${request.url}`;
    const headers = request.headers as Record<string, string>;
    const init = { method: request.method ?? 'GET', headers, ...(body === '' ? {} : { body }) };
    const answer = await handler.fetch(new Request(url, init));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    methods,
    authorizations,
    close: async () => {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

/** Tools of a desk with two tickets. */
export function ticketTools(server: McpServer): void {
  const opened: Readonly<Record<string, string>> = { 7: '2026-05-02', 9: '2026-03-01' };
  server.registerTool(
    'search-tickets',
    {
      description: 'Finds tickets by words',
      inputSchema: fromJsonSchema<{ words: string }>({
        type: 'object',
        properties: { words: { type: 'string', description: 'All of them' } },
        required: ['words'],
      }),
      outputSchema: fromJsonSchema({
        type: 'object',
        properties: { ids: { type: 'array', items: { type: 'number' } } },
        required: ['ids'],
      }),
    },
    async () => ({ content: [{ type: 'text', text: '' }], structuredContent: { ids: [7, 9] } }),
  );
  server.registerTool(
    'get-ticket',
    { inputSchema: fromJsonSchema<{ id: number }>({ type: 'object', properties: { id: { type: 'number' } } }) },
    async ({ id }) =>
      opened[id] === undefined
        ? { isError: true, content: [{ type: 'text', text: `there is no ticket ${id}` }] }
        : { content: [{ type: 'text', text: JSON.stringify({ id, opened: opened[id] }) }] },
  );
  server.registerTool('close-ticket', { inputSchema: fromJsonSchema({ type: 'object' }) }, async () => ({
    content: [{ type: 'text', text: 'closed' }],
  }));
}
