import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type ExecutionOutcome, type Runtime } from '../../../src/index.ts';
import { type McpTestServer, mcpTestServer, ruleFor, ticketTools, withTools } from './support.ts';

let server: McpTestServer;
let runtime: Runtime;
beforeAll(async () => {
  server = await mcpTestServer(ticketTools);
  const mcp = { url: `http://127.0.0.1:${server.port}/mcp` };
  const key = { name: 'authorization', valueFrom: { prefix: 'Bearer ', secretKeyRef: { name: 'desk', key: 'a' } } };
  runtime = createRuntime({
    ...withTools(
      [
        { name: 'tickets', mcp, functions: ['search_*', 'get_*'] },
        { name: 'away', mcp: { url: 'http://127.0.0.1:1/mcp' } },
      ],
      [
        ruleFor(server.port, { tools: ['tickets'], tenants: ['acme'], headers: [key] }),
        ruleFor(server.port, { tools: ['tickets'], tenants: ['globex'] }),
        ruleFor(1, { tools: ['away'] }),
      ],
      { secrets: { desk: { a: 'key-of-acme' } } },
    ),
    pool: { size: 1 },
  });
  await runtime.ready();
});
afterAll(async () => {
  await runtime?.close();
  await server?.close();
});

const run = (source: string, tenant = 'acme'): Promise<ExecutionOutcome> =>
  runtime.execute(source, { context: { tenant: { id: tenant } } });
const resultOf = async (source: string, tenant?: string): Promise<unknown> => {
  const { error, result } = await run(source, tenant);
  expect(error?.message).toBeUndefined();
  return result;
};

describe('functions of an MCP server', () => {
  test('give structured content, JSON and text', async () => {
    const source =
      'const { ids } = await tickets.search_tickets({ words: "a" }); await Promise.all(ids.map((id) => tickets.get_ticket({ id })))';
    const { result, usage } = await run(source);
    expect(result).toEqual([
      { id: 7, opened: '2026-05-02' },
      { id: 9, opened: '2026-03-01' },
    ]);
    expect(usage).toMatchObject({ apiCalls: 3, fetches: 3 });
  });

  test('are those that the runtime names', async () => {
    expect(await resultOf('Object.keys(tickets)')).toEqual(['search_tickets', 'get_ticket']);
  });

  test('fail with what the tool says', async () => {
    const source = (call: string): string =>
      `try { await ${call} } catch ({ message, code, data }) { ({ message, code, data }) }`;
    expect(await resultOf(source('tickets.get_ticket({ id: 1 })'))).toEqual({
      message: 'tickets.get_ticket: there is no ticket 1',
      code: 'ToolError',
      data: [{ type: 'text', text: 'there is no ticket 1' }],
    });
    expect(await resultOf(source('tickets.search_tickets({})'))).toMatchObject({ code: 'ToolError' });
    expect(await resultOf(source('tickets.get_ticket([1])'))).toMatchObject({ code: 'InvalidArguments' });
    expect(await resultOf(source('away.get_ticket()'))).toEqual({
      message: 'away.get_ticket: it could not be loaded: the server refuses connections',
      code: 'Unavailable',
    });
  });

  test('have the credentials of the tenant, who is told nothing of those of others', async () => {
    expect(await resultOf('(await tickets.get_ticket({ id: 7 })).id', 'globex')).toBe(7);
    expect([...server.authorizations]).toEqual(expect.arrayContaining([undefined, 'Bearer key-of-acme']));
    const refused = await resultOf('try { await tickets.get_ticket() } catch ({ message }) { message }', 'initech');
    expect(refused).toBe(
      `tickets.get_ticket: it could not be loaded: no egress rule allows 127.0.0.1:${server.port}; see spec.egress`,
    );
  });

  test('are declared with their types', async () => {
    expect(await runtime.toolTypes('acme')).toContain(
      `declare const tickets: {
  /** Finds tickets by words */
  search_tickets(input: {
    /** All of them */
    words: string;
  }): Promise<{
    ids: number[];
  }>;
  get_ticket(input?: {
    id?: number;
  }): Promise<any>;
};`,
    );
  });

  test('of one execution have a client of their own, and ask the server for what they need alone', async () => {
    server.methods.length = 0;
    await run('await tickets.get_ticket({ id: 7 })');
    await run('await tickets.get_ticket({ id: 7 })');
    expect(server.methods.filter((method) => method !== 'notifications/cancelled')).toEqual([
      'tools/call',
      'tools/call',
    ]);
  });

  test('of a tool that cannot be loaded are told as problems', () => {
    expect(runtime.toolProblems()).toEqual([{ name: 'away', message: 'the server refuses connections' }]);
  });
});
