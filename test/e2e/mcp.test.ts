import { beforeAll, describe, expect, test } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { accountToken, useGateway } from './support/gateway.ts';
import { useNamespace } from './support/namespace.ts';

const namespace = useNamespace('mcp');
const gateway = useGateway();
let [agent, stranger] = ['', ''];
const path = (runtime = 'default'): string => `/mcp/${namespace.name}/${runtime}`;

beforeAll(async () => {
  await namespace.runtime({ pool: { size: 1 }, env: [{ name: 'REGION', value: 'eu' }] });
  agent = await accountToken(namespace, 'agent', true);
  stranger = await accountToken(namespace, 'stranger', false);
  await namespace.until('the gateway to know the runtime', async () =>
    (await code(agent)) === 200 ? true : undefined,
  );
}, 300_000);

const MODES = [
  ['revision 2026-07-28', { pin: '2026-07-28' } as const],
  ['revision 2025-11-25', 'legacy' as const],
] as const;

/** Status of a request for the tools, with a token or none. */
async function code(token: string, runtime?: string): Promise<number> {
  const answer = await gateway.ask(path(runtime), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  return answer.code;
}

describe('MCP on a cluster', () => {
  test.each(MODES)('executes code on a pod, for a client of %s', async (_revision, mode) => {
    const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
    const requestInit = { headers: { Authorization: `Bearer ${agent}` } };
    await client.connect(new StreamableHTTPClientTransport(gateway.url(path()), { requestInit }));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['execute']);
    expect(tools[0]?.description).toContain('readonly REGION: string;');
    const source = 'const region: string = env.REGION; console.log(region); [6 * 7, context.tenant.id]';
    expect(await client.callTool({ name: 'execute', arguments: { code: source } })).toMatchObject({
      structuredContent: { reason: 'Completed', result: [42, namespace.name], logs: [{ message: 'eu' }] },
    });
    expect(await client.callTool({ name: 'execute', arguments: { code: '\nnull.x' } })).toMatchObject({
      isError: true,
      structuredContent: { reason: 'RuntimeError', error: { line: 2, column: 6 } },
    });
    await client.close();
    expect(await namespace.list('scriptexecution')).toEqual([]);
  });

  test('is refused to accounts without the right to create executions', async () => {
    expect(await code(stranger)).toBe(403);
    expect(await code('none')).toBe(401);
    expect(await code('')).toBe(401);
    expect(await code(agent, 'other')).toBe(404);
  });
});
