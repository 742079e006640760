import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type McpTestServer, mcpTestServer, ruleFor, ticketTools } from '../../integration/tools/support.ts';
import { until } from '../../support/until.ts';
import type { Cluster } from '../operator/support/cluster.ts';
import { type GatewayProcess, userToken } from './support/gateway-process.ts';
import { servedCluster } from './support/served-cluster.ts';

let desk: McpTestServer;
let cluster: Cluster;
let gateway: GatewayProcess;

beforeAll(async () => {
  desk = await mcpTestServer(ticketTools);
  ({ cluster, gateway } = await servedCluster({
    pool: { size: 1 },
    tools: [
      { name: 'tickets', mcp: { url: `http://127.0.0.1:${desk.port}/mcp` } },
      { name: 'away', mcp: { url: 'https://mcp.example.com/mcp' } },
    ],
    egress: [ruleFor(desk.port, { tools: ['tickets'] })],
  } as never));
}, 120_000);
afterAll(async () => {
  await gateway?.close();
  await cluster?.close();
  await desk?.close();
});

test('the tool of the gateway has the functions of a pod’s tools in its description, and its code calls them', async () => {
  const token = await userToken(cluster, 'agent', { mayExecute: true });
  const url = new URL(`http://${gateway.address}:8080/mcp/${cluster.namespace}/default`);
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  const description = await until('the types', async () => {
    const [tool] = (await client.listTools()).tools;
    return tool?.description?.includes('search_tickets(input: {') ? tool.description : undefined;
  });
  expect(description).toContain('/** Calls fail: no egress rule allows mcp.example.com:443; see spec.egress */');
  const code = 'const { ids }: { ids: number[] } = await tickets.search_tickets({ words: "x" }); ids';
  expect(await client.callTool({ name: 'execute', arguments: { code } })).toMatchObject({
    structuredContent: { reason: 'Completed', result: [7, 9], usage: { apiCalls: 1 } },
  });
  await client.close();
});

test('the runtime says which tool its pods cannot load, and is ready', async () => {
  const conditions = await until('the condition', async () => {
    const { status } = await cluster.getRuntime('default');
    return status.conditions?.some(({ type }) => type === 'ToolsUnavailable') ? status.conditions : undefined;
  });
  expect(conditions.find(({ type }) => type === 'ToolsUnavailable')).toMatchObject({
    status: 'True',
    reason: 'LoadingFailed',
    message: expect.stringContaining('away: no egress rule allows mcp.example.com:443; see spec.egress.'),
  });
  expect(conditions.find(({ type }) => type === 'Ready')?.status).toBe('True');
});
