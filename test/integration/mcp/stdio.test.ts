import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { until } from '../../support/until.ts';
import { Command, copepod, ROOT } from '../support/cli.ts';
import { hostFunctions } from './host-functions.ts';

const RUNTIME = `
apiVersion: copepod.dev/v1alpha1
kind: ScriptRuntime
metadata: { name: agents, namespace: acme }
spec: { limits: { timeout: 20s }, tenants: [a], env: [{ name: REGION, value: eu }] }
`;

let directory: string;
const clients: Client[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-mcp-'));
  writeFileSync(join(directory, 'host.mjs'), hostFunctions(directory));
  writeFileSync(join(directory, 'runtime.yaml'), RUNTIME);
  writeFileSync(join(directory, 'context.yaml'), 'tenant: { id: a }');
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  for (const mark of ['started', 'aborted']) rmSync(join(directory, mark), { force: true });
});

async function connect(
  args: readonly string[],
  mode: 'legacy' | { pin: '2026-07-28' } = { pin: '2026-07-28' },
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  clients.push(client);
  const main = join(ROOT, 'dist/cli/main.js');
  const env = { PATH: process.env.PATH ?? '' };
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [main, 'mcp', ...args],
      env,
      stderr: 'ignore',
      cwd: directory,
    }),
  );
  return client;
}

const execute = (client: Client, code: string) => client.callTool({ name: 'execute', arguments: { code } });

describe.each([
  ['revision 2026-07-28', { pin: '2026-07-28' } as const],
  ['revision 2025-11-25', 'legacy' as const],
])('copepod mcp, with a client of %s', (_revision, mode) => {
  let client: Client;
  beforeAll(async () => {
    client = await connect(['runtime.yaml', '--host-functions', 'host.mjs', '--context-file', 'context.yaml'], mode);
  });

  test('has one tool, whose description has the types of what its code can call', async () => {
    const { tools } = await client.listTools();
    expect(tools).toMatchObject([
      { name: 'execute', inputSchema: { required: ['code'] }, outputSchema: { required: ['reason', 'logs'] } },
    ]);
    const [{ description = '' } = {}] = tools;
    expect(description).toContain(
      'declare const prices: {\n  /**\n   * Looks an article up.\n   * @param sku its number\n   */\n  lookup(sku: string): Promise<Price>;\n};',
    );
    expect(description).toContain('type Price = { sku: string, price: number };');
    expect(description).toContain('20s');
  });

  test('returns result, logs and usage of the code, for the tenant of the context', async () => {
    const code = `interface P { price: number; tenant: string }
const { price, tenant }: P = await prices.lookup('tea');
console.log(env.REGION);
[price * 2, tenant]`;
    const { structuredContent, content, isError } = await execute(client, code);
    expect(isError).toBeFalsy();
    expect(structuredContent).toMatchObject({
      reason: 'Completed',
      result: [42, 'a'],
      logs: [{ level: 'info', message: 'eu' }],
      usage: { apiCalls: 1 },
    });
    expect(content).toMatchObject([{ type: 'text' }]);
    expect(JSON.parse((content as { text: string }[])[0]?.text ?? '')).toEqual(structuredContent);
  });

  test.each<[string, string, object]>([
    [
      'an error that the code throws, with its place',
      'const a = 1;\nthrow new Error("no");',
      { reason: 'RuntimeError', error: { message: 'Error: no', line: 2, column: 7 } },
    ],
    ['code that does not compile', 'const = 1', { reason: 'CompilationError', error: { line: 1 } }],
  ])('%s is an error of the tool', async (_what, code, expected) => {
    expect(await execute(client, code)).toMatchObject({ isError: true, structuredContent: expected });
  });

  test('refuses other arguments as an error of the tool, and other tools as one of the protocol', async () => {
    expect(await client.callTool({ name: 'execute', arguments: { source: '1' } })).toMatchObject({ isError: true });
    await expect(client.callTool({ name: 'run', arguments: {} })).rejects.toMatchObject({ code: -32602 });
  });

  test('cancels the code of a call that the client cancels, and serves on', async () => {
    const abort = new AbortController();
    const calling = client.callTool({ name: 'execute', arguments: { code: 'await hang()' } }, { signal: abort.signal });
    const refused = expect(calling).rejects.toThrow();
    await until('the code to run', () => existsSync(join(directory, 'started')));
    abort.abort();
    await refused;
    await until('the code to be cancelled', () => existsSync(join(directory, 'aborted')));
    expect(await execute(client, '6 * 7')).toMatchObject({ structuredContent: { result: 42 } });
  });
});

test('the description has the types that the runtime declares, where there is no module', async () => {
  const annotated = RUNTIME.replace(
    'namespace: acme',
    'namespace: acme, annotations: { copepod.dev/host-types: "declare function far(): Promise<1>;" }',
  );
  writeFileSync(join(directory, 'annotated.yaml'), annotated);
  const client = await connect(['annotated.yaml']);
  expect((await client.listTools()).tools[0]?.description).toContain('declare function far(): Promise<1>;');
});

test('code of a tenant that the runtime does not admit is not run, as an error of the tool says', async () => {
  const client = await connect(['runtime.yaml']);
  expect(await execute(client, '1')).toMatchObject({ isError: true, structuredContent: { reason: 'TenantRefused' } });
});

describe('copepod mcp', () => {
  const line = (message: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
  const OPENING =
    line({
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    }) + line({ method: 'notifications/initialized' });
  const calling = (code: string): string =>
    line({ id: 1, method: 'tools/call', params: { name: 'execute', arguments: { code } } });

  test('ends when its client closes its end, and cancels what runs', async () => {
    const command = new Command(['mcp', '--host-functions', 'host.mjs'], { cwd: directory, input: null });
    command.child.stdin?.write(OPENING + calling('await hang()'));
    await until('the code to run', () => existsSync(join(directory, 'started')), { why: () => command.stderr });
    command.child.stdin?.end();
    expect(await command.ended).toMatchObject({ code: 0 });
    expect(existsSync(join(directory, 'aborted'))).toBe(true);
  });

  test('ends on SIGTERM', async () => {
    const command = new Command(['mcp'], { input: null });
    await until('it to serve', () => command.stderr.includes('MCP on standard input'));
    command.child.kill('SIGTERM');
    expect(await command.ended).toMatchObject({ code: 0, stdout: '' });
  });

  test('writes nothing but messages to standard output, also where host functions print', async () => {
    const command = new Command(['mcp', '--host-functions', 'host.mjs'], { cwd: directory, input: null });
    command.child.stdin?.write(`${OPENING}this is no JSON\n${calling('await prices.lookup("tea")')}`);
    await until('the result', () => command.stdout.includes('"id":1'), { why: () => command.stderr });
    command.child.stdin?.end();
    const { stdout, stderr } = await command.ended;
    const messages = stdout.trimEnd().split('\n');
    expect(messages.map((message) => (JSON.parse(message) as { jsonrpc: string }).jsonrpc)).toEqual(['2.0', '2.0']);
    expect(stderr).toContain('a host function prints');
  });

  test.each<[string, string[], RegExp]>([
    ['standard input as a file', ['-'], /standard input is for the MCP client/],
    ['a script', ['a.js'], /a\.js: is a script/],
    [
      'a runtime that is not there',
      ['runtime.yaml', '-n', 'acme', '--runtime', 'other'],
      /no acme\/other\n.*acme\/agents/,
    ],
    ['two runtimes', ['runtime.yaml', 'second.yaml'], /2 ScriptRuntimes: .*\n.*--runtime NAME/],
    ['an invalid manifest', ['bad.yaml'], /bad\.yaml.*(.|\n)*nothing is served/],
    ['an invalid context', ['--context-file', 'bad-context.yaml'], /tenent: (.|\n)*nothing is served/],
  ])('refuses %s, and says what to do', async (_what, args, message) => {
    writeFileSync(join(directory, 'a.js'), '1');
    writeFileSync(join(directory, 'second.yaml'), RUNTIME.replace('agents', 'second'));
    writeFileSync(join(directory, 'bad.yaml'), RUNTIME.replace('limits', 'limit'));
    writeFileSync(join(directory, 'bad-context.yaml'), 'tenent: { id: a }');
    const { code, stdout, stderr } = await copepod(['mcp', ...args], { cwd: directory });
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});
