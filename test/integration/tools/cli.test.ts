import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import { type LocalServer, localServer } from '../../egress/support/server.ts';
import { CLI, copepod, ROOT, Workspace } from '../support/cli.ts';
import { type McpTestServer, mcpTestServer, ticketTools } from './support.ts';

const PRODUCTS = [
  { sku: 'tea', price: 10 },
  { sku: 'pot', price: 30 },
  { sku: 'cup', price: 20 },
];

let shop: LocalServer;
let desk: McpTestServer;
beforeAll(async () => {
  shop = await localServer(({ url, method, body }, response) => {
    const sku = /^\/v1\/products\/(\w+)\/price$/.exec(url)?.[1];
    const known = PRODUCTS.find((product) => product.sku === sku);
    response.setHeader('content-type', 'application/json');
    if (url === '/v1/products?maxPrice=40') return response.end(JSON.stringify(PRODUCTS));
    if (method === 'PUT' && known !== undefined) return response.end(JSON.stringify({ sku, ...JSON.parse(body) }));
    return response.writeHead(404).end('{}');
  });
  desk = await mcpTestServer(ticketTools);
});
afterAll(async () => {
  await shop.close();
  await desk.close();
});

/** An example whose server is a local one. */
function example(name: string): string {
  const local = (port: number): string => `hosts: [127.0.0.1]\n      schemes: [http]\n      ports: [${port}]`;
  return readFileSync(join(ROOT, 'examples/tools', name), 'utf8')
    .replaceAll('https://api.example.com', `http://127.0.0.1:${shop.port}`)
    .replaceAll('https://mcp.example.com', `http://127.0.0.1:${desk.port}`)
    .replace('hosts: [api.example.com]', local(shop.port))
    .replace('hosts: [mcp.example.com]', local(desk.port));
}

async function runExample(name: string): Promise<ScriptExecution> {
  const { stdout } = await copepod(['run', '-', '-o', 'json'], { input: example(name) });
  return (JSON.parse(stdout) as { items: ScriptExecution[] }).items[0] as ScriptExecution;
}

describe('the examples of tools, against local servers', () => {
  test('openapi.yaml calls the operations of a document, with a credential that nothing shows', async () => {
    const item = await runExample('openapi.yaml');
    expect(item.status).toMatchObject({
      result: ['pot: 27', 'cup: 18', 'HTTPError 404'],
      usage: { apiCalls: 4, fetches: 4 },
    });
    expect(shop.seen.at(-1)).toMatchObject({ method: 'PUT', headers: { authorization: 'Bearer replace-me' } });
    expect(JSON.stringify(item)).not.toContain('replace-me');
  });

  test('mcp.yaml calls the tools of a server', async () => {
    expect((await runExample('mcp.yaml')).status?.result).toEqual({ id: 9, opened: '2026-03-01' });
  });
});

describe('copepod types', () => {
  test('declares the tools of a ScriptRuntime, for editors and alone', async () => {
    using files = new Workspace({ 'shop.yaml': example('openapi.yaml') });
    const all = await copepod(['types', 'shop.yaml'], { cwd: files.path });
    const alone = await copepod(['types', 'shop.yaml', '--standalone'], { cwd: files.path });
    expect([all.code, all.stderr, alone.code, alone.stderr]).toEqual([0, '', 0, '']);
    expect(all.stdout).toContain(alone.stdout.trim());
    expect(alone.stdout).toBe(`declare const shop: {
  /** Products, by their prices */
  listProducts(input?: {
    /** In euros */
    maxPrice?: number;
  }): Promise<{
    sku: string;
    /** In euros */
    price: number;
  }[]>;
  /** PUT /products/{sku}/price */
  setPrice(input: {
    sku: string;
    body: {
      price: number;
    };
  }): Promise<{
    sku: string;
    /** In euros */
    price: number;
  }>;
};
`);
  });

  test('writes nothing where a tool cannot be loaded', async () => {
    using files = new Workspace({ 'desk.yaml': example('mcp.yaml').replaceAll(String(desk.port), '1') });
    const { code, stdout, stderr } = await copepod(['types', 'desk.yaml', '-o', 'types.d.ts'], { cwd: files.path });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('tool tickets cannot be loaded: the server refuses connections');
  });
});

test('copepod test has stubs in place of tools', async () => {
  using files = new Workspace({
    'main.js': 'export default async ({ id }) => (await shop.getOrder({ id })).total * 2;',
    'main.test.js': `
      import { expect, stubTool, test } from 'copepod/test';
      import main from './main.js';
      test('doubles', async () => {
        const stub = stubTool('shop', { getOrder: ({ id }) => ({ id, total: 3, later: undefined }) });
        expect(await main({ id: 7 })).toBe(6);
        expect(stub.calls).toEqual([{ name: 'getOrder', args: [{ id: 7 }] }]);
      });
      test('fails as its tool does', async () => {
        stubTool('shop', { getOrder: () => { throw Object.assign(new Error('gone'), { code: 'HTTPError' }); } });
        await expect(main({ id: 7 })).rejects.toMatchObject({ code: 'HTTPError' });
      });
      test('is there for one test', async () => {
        await expect(main({ id: 7 })).rejects.toThrow(ReferenceError);
      });
    `,
  });
  const { code, stdout } = await copepod(['test', '-o', 'tap'], { cwd: files.path });
  expect(stdout).toContain('1..3');
  expect([code, stdout.match(/^ok /gm)?.length]).toEqual([0, 3]);
});

test('the tool of copepod mcp has the functions of tools in its description, and its code calls them', async () => {
  using files = new Workspace({ 'desk.yaml': example('mcp.yaml') });
  const { NODE_OPTIONS: _, ...env } = process.env as Record<string, string>;
  const args = [CLI, 'mcp', 'desk.yaml'];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args,
    cwd: files.path,
    env,
    stderr: 'ignore',
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  const { tools } = await client.listTools();
  expect(tools[0]?.description).toContain('fetch reaches nothing.');
  expect(tools[0]?.description).toContain('/** Finds tickets by words */\n  search_tickets(input: {');
  const code = 'const { ids }: { ids: number[] } = await tickets.search_tickets({ words: "x" }); ids.length';
  expect(await client.callTool({ name: 'execute', arguments: { code } })).toMatchObject({
    structuredContent: { reason: 'Completed', result: 2, usage: { apiCalls: 1 } },
  });
  await client.close();
});
