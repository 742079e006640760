import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { until } from '../../support/until.ts';
import { Command } from '../support/cli.ts';
import { hostFunctions } from './host-functions.ts';

const RUNTIME = `
apiVersion: copepod.dev/v1alpha1
kind: ScriptRuntime
metadata: { name: agents, namespace: acme }
spec: { tenants: [acme, a], env: [{ name: ONLY_A, value: "1", tenants: [a] }], limits: { result: 1Ki } }
`;

let directory: string;
let gateway: Command;
let base: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-mcp-'));
  writeFileSync(join(directory, 'host.mjs'), hostFunctions(directory));
  writeFileSync(join(directory, 'runtime.yaml'), RUNTIME);
  const args = ['gateway', '--local', 'runtime.yaml', '--host-functions', 'host.mjs', '--port', '0'];
  gateway = new Command(args, { cwd: directory });
  base = await until('the gateway to listen', () => /MCP (http:\S+)\/mcp\/acme\/agents/.exec(gateway.stderr)?.[1], {
    why: () => gateway.stderr,
  });
});
afterAll(async () => {
  gateway.child.kill('SIGTERM');
  await gateway.ended;
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  for (const mark of ['started', 'aborted']) rmSync(join(directory, mark), { force: true });
});

const started = () => until('the code to run', () => existsSync(join(directory, 'started')));
const aborted = () => until('the code to be cancelled', () => existsSync(join(directory, 'aborted')));

async function connect(path: string, mode: 'legacy' | { pin: '2026-07-28' }): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(base + path)));
  return client;
}

const execute = (client: Client, code: string) => client.callTool({ name: 'execute', arguments: { code } });

interface Raw {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Sends a request as it is. */
function send({ method = 'POST', path = '/mcp/acme/agents', headers = {}, body }: Raw) {
  const asking = request(base + path, { method, headers: { ...HEADERS, ...headers }, agent: false });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asking.on('response', resolve).on('error', reject);
  });
  asking.end(typeof body === 'string' ? body : JSON.stringify(body));
  return { asking, answered };
}

async function answer(raw: Raw): Promise<{ code: number; text: string; headers: IncomingMessage['headers'] }> {
  const response = await send(raw).answered;
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { code: response.statusCode ?? 0, text, headers: response.headers };
}

const call = (id: number, code: string) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'execute', arguments: { code } },
});
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
};

describe.each([
  ['revision 2026-07-28', { pin: '2026-07-28' } as const],
  ['revision 2025-11-25', 'legacy' as const],
])('/mcp/NAMESPACE/NAME, with a client of %s', (_revision, mode) => {
  test('executes code, with the host functions that the description declares', async () => {
    const client = await connect('/mcp/acme/agents', mode);
    const { tools } = await client.listTools();
    expect(tools[0]?.description).toContain('lookup(sku: string): Promise<Price>');
    expect(tools[0]?.description).not.toContain('ONLY_A');
    expect(await execute(client, '(await prices.lookup("tea")).tenant')).toMatchObject({
      structuredContent: { reason: 'Completed', result: 'acme' },
    });
    await client.close();
  });

  test('executes for the tenant in its URL', async () => {
    const client = await connect('/mcp/acme/agents?tenant=a', mode);
    expect((await client.listTools()).tools[0]?.description).toContain('readonly ONLY_A: string');
    expect(await execute(client, '[context.tenant.id, env.ONLY_A]')).toMatchObject({
      structuredContent: { result: ['a', '1'] },
    });
    await client.close();
  });

  test('errors are results with a place; a result that is too large is one of them', async () => {
    const client = await connect('/mcp/acme/agents', mode);
    expect(await execute(client, '\nnull.x')).toMatchObject({
      isError: true,
      structuredContent: { reason: 'RuntimeError', error: { line: 2, column: 6 } },
    });
    expect(await execute(client, '"x".repeat(2000)')).toMatchObject({
      isError: true,
      structuredContent: { reason: 'ResultTooLarge' },
    });
    await client.close();
  });

  test('tells of progress, and cancels the code of a call that the client cancels', async () => {
    const client = await connect('/mcp/acme/agents', mode);
    const abort = new AbortController();
    const progress = Promise.withResolvers<number>();
    const calling = client.callTool(
      { name: 'execute', arguments: { code: 'await hang()' } },
      { signal: abort.signal, onprogress: (told) => progress.resolve(told.progress) },
    );
    const refused = expect(calling).rejects.toThrow();
    await started();
    expect(await progress.promise).toBeGreaterThan(0);
    abort.abort();
    await refused;
    await aborted();
    expect(await execute(client, '6 * 7')).toMatchObject({ structuredContent: { result: 42 } });
    await client.close();
  });
});

describe('/mcp/NAMESPACE/NAME', () => {
  test('a client that goes away cancels its code', async () => {
    const { asking, answered } = send({ body: call(1, 'await hang()') });
    answered.catch(() => {});
    await started();
    asking.destroy();
    await aborted();
  });

  test('a call is cancelled by the session that made it, and by no other', async () => {
    const { headers } = await answer({ body: INITIALIZE });
    const session = { 'mcp-session-id': String(headers['mcp-session-id']) };
    const { answered } = send({ body: call(1, 'await hang()'), headers: session });
    await started();
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    expect(await answer({ body: cancel })).toMatchObject({ code: 202 });
    expect(await answer({ body: cancel, headers: { 'mcp-session-id': 'another' } })).toMatchObject({ code: 202 });
    expect(await answer({ body: { ...cancel, params: { requestId: 2 } }, headers: session })).toMatchObject({
      code: 202,
    });
    // An answer comes after all that was sent before it.
    expect((await answer({ body: call(2, '1'), headers: session })).text).toContain('Completed');
    expect(existsSync(join(directory, 'aborted'))).toBe(false);
    expect(await answer({ body: cancel, headers: session })).toMatchObject({ code: 202 });
    await aborted();
    for await (const _ of await answered); // it ends
  });

  test.each<[string, Raw, number, string]>([
    ['a page of another origin', { headers: { origin: 'https://evil.example' }, body: INITIALIZE }, 403, 'origin'],
    ['an origin that is none', { headers: { origin: 'null' }, body: INITIALIZE }, 403, 'origin'],
    ['another name of this machine', { headers: { host: 'evil.example' }, body: INITIALIZE }, 403, 'localhost'],
    ['a runtime that is not there', { path: '/mcp/acme/none', body: INITIALIZE }, 404, 'no ScriptRuntime'],
    ['a path that is too short', { path: '/mcp/acme', body: INITIALIZE }, 404, '/mcp/NAMESPACE/NAME'],
    ['an unknown parameter', { path: '/mcp/acme/agents?user=a', body: INITIALIZE }, 400, 'there are record and tenant'],
    ['a parameter twice', { path: '/mcp/acme/agents?tenant=a&tenant=b', body: INITIALIZE }, 400, 'twice'],
    ['a record without a cluster', { path: '/mcp/acme/agents?record=Always', body: INITIALIZE }, 400, 'no cluster'],
    ['no JSON', { body: '{' }, 400, '-32700'],
    ['nothing', { body: '' }, 400, '-32700'],
    ['another content type', { headers: { 'content-type': 'text/plain' }, body: INITIALIZE }, 415, 'application/json'],
    ['a body of 3 MiB', { body: 'x'.repeat(3 << 20) }, 413, 'exceeds'],
    ['a batch of 17', { body: Array.from({ length: 17 }, (_, id) => call(id, '1')) }, 400, 'at most'],
    ['very many values', { body: { ...INITIALIZE, params: { icons: Array(3000).fill({}) } } }, 400, '2000 JSON values'],
    ['a stream of server messages', { method: 'GET' }, 405, 'not allowed'],
    ['the end of a session', { method: 'DELETE' }, 405, 'not allowed'],
    ['a subscription', { body: { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen' } }, 404, '-32601'],
  ])('refuses %s, as JSON-RPC does', async (_what, raw, code, message) => {
    const refused = await answer(raw);
    expect(refused).toMatchObject({ code });
    expect(refused.text.toLowerCase()).toContain(message.toLowerCase());
    expect(JSON.parse(refused.text)).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) } });
  });

  test('takes requests of a page of its own origin', async () => {
    expect(await answer({ headers: { origin: base }, body: INITIALIZE })).toMatchObject({ code: 200 });
  });

  test('a batch of revision 2025-03-26 is answered, each call', async () => {
    const { code, text } = await answer({ body: [call(1, '1 + 1'), call(2, 'throw 2')] });
    expect(code).toBe(200);
    expect(text).toContain('"result":2');
    expect(text).toContain('RuntimeError');
  });
});
