import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import { until } from '../../support/until.ts';
import type { Cluster } from '../operator/support/cluster.ts';
import { type GatewayProcess, userToken } from './support/gateway-process.ts';
import { servedCluster } from './support/served-cluster.ts';

let cluster: Cluster;
let gateway: GatewayProcess;

beforeAll(async () => {
  ({ cluster, gateway } = await servedCluster({ pool: { size: 1 }, env: [{ name: 'REGION', value: 'eu' }] }));
}, 120_000);
afterAll(async () => {
  await gateway?.close();
  await cluster?.close();
});

const MODES = [
  ['revision 2026-07-28', { pin: '2026-07-28' } as const],
  ['revision 2025-11-25', 'legacy' as const],
] as const;

async function connect(token: string, mode: (typeof MODES)[number][1], query = ''): Promise<Client> {
  const url = new URL(`http://${gateway.address}:8080/mcp/${cluster.namespace}/default${query}`);
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return client;
}

const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

async function codeOf(token: string, namespace = cluster.namespace, runtime = 'default'): Promise<number> {
  const answer = await fetch(`http://${gateway.address}:8080/mcp/${namespace}/${runtime}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: LIST,
  });
  await answer.text();
  return answer.status;
}

describe('MCP on a cluster', () => {
  test.each(MODES)('executes code on a pod, for a client of %s', async (_revision, mode) => {
    const client = await connect(await userToken(cluster, 'agent', { mayExecute: true }), mode);
    expect((await client.listTools()).tools[0]?.description).toContain('readonly REGION: string;');
    const code = 'const region: string = env.REGION; console.log(region); context.tenant.id';
    expect(await client.callTool({ name: 'execute', arguments: { code } })).toMatchObject({
      structuredContent: { reason: 'Completed', result: cluster.namespace, logs: [{ message: 'eu' }] },
    });
    expect(await client.callTool({ name: 'execute', arguments: { code: '\nnull.x' } })).toMatchObject({
      isError: true,
      structuredContent: { reason: 'RuntimeError', error: { line: 2, column: 6 } },
    });
    await client.close();
  });

  test('describes the host functions that the runtime declares in its annotation', async () => {
    const path = `/apis/copepod.dev/v1alpha1/namespaces/${cluster.namespace}/scriptruntimes/default`;
    const declared = 'declare function greet(name: string): Promise<string>;';
    const annotated = { metadata: { annotations: { 'copepod.dev/host-types': declared } } };
    await cluster.api.request('PATCH', path, annotated, 'application/merge-patch+json');
    const client = await connect(await userToken(cluster, 'reader', { mayExecute: true }), { pin: '2026-07-28' });
    await until('the description', async () => (await client.listTools()).tools[0]?.description?.includes(declared));
    await client.close();
  });

  test('writes a ScriptExecution about a call, with its code, where its URL asks for it', async () => {
    const token = await userToken(cluster, 'recorded', { mayExecute: true });
    const client = await connect(token, { pin: '2026-07-28' }, '?record=Always');
    await client.callTool({ name: 'execute', arguments: { code: '6 * 7 // recorded' } });
    await client.close();
    const path = `/apis/copepod.dev/v1alpha1/namespaces/${cluster.namespace}/scriptexecutions`;
    const recorded = await until('the record', async () => {
      const { items } = await cluster.api.request<{ items: ScriptExecution[] }>('GET', path);
      return items.find(({ spec, status }) => spec.source === '6 * 7 // recorded' && status?.result !== undefined);
    });
    expect(recorded.status?.result).toBe(42);
  });

  test('authorises each request as Execute does', async () => {
    const other = await userToken(cluster, 'other', { mayExecute: false });
    const allowed = await userToken(cluster, 'allowed', { mayExecute: true });
    const vault = await userToken(cluster, 'guest', { mayExecute: true, audiences: ['vault'] });
    expect({
      allowed: await codeOf(allowed),
      nobody: await codeOf(''),
      garbage: await codeOf('abc'),
      'another audience': await codeOf(vault),
      'without the right': await codeOf(other),
      'without the right, of no runtime': await codeOf(other, cluster.namespace, 'missing'),
      'of another namespace': await codeOf(allowed, 'kube-system'),
      'of no runtime': await codeOf(allowed, cluster.namespace, 'missing'),
    }).toEqual({
      allowed: 200,
      nobody: 401,
      garbage: 401,
      'another audience': 401,
      'without the right': 403,
      'without the right, of no runtime': 403,
      'of another namespace': 403,
      'of no runtime': 404,
    });
  });
});
