import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, type ClientOptions, RefusedError } from '../../../src/client/index.ts';
import { until } from '../../support/until.ts';
import { ROOT } from '../support/cli.ts';

const MAIN = join(ROOT, 'dist/cli/main.js');
const MANIFESTS = `
apiVersion: copepod.dev/v1alpha1
kind: ScriptRuntime
metadata: { name: small, namespace: acme }
spec: { pool: { size: 1 }, limits: { timeout: 2s }, tenants: [a, b] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: rules, namespace: acme, labels: { copepod.dev/source: "true" } }
data: { main.ts: 'import { two } from "./lib.ts"; export default (params: { by: number }) => two * params.by;', lib.ts: 'export const two = 2;' }
`;
const HOST = 'export const greet = async (call, name) => ["hello", name, "of", call.context.tenant.id].join(" ");';

let directory: string;
let gateway: ChildProcess;
let output = '';
let port: number;
let exited: Promise<number | null>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-gateway-'));
  writeFileSync(join(directory, 'objects.yaml'), MANIFESTS);
  writeFileSync(join(directory, 'host.mjs'), HOST);
  const files = [join(directory, 'objects.yaml'), '--host-functions', join(directory, 'host.mjs')];
  gateway = spawn(process.execPath, [MAIN, 'gateway', '--local', ...files, '--port', '0'], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  exited = new Promise((resolve) => gateway.on('close', resolve));
  gateway.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  port = Number(
    await until('the gateway to listen', () => /listening port=(\d+)/.exec(output)?.[1], { why: () => output }),
  );
});
afterAll(async () => {
  gateway.kill('SIGKILL');
  await exited;
  rmSync(directory, { recursive: true, force: true });
});

interface Answer {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
}

function execute(runtime: string, spec: object, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const [namespace, name] = runtime.split('/');
  const path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptruntimes/${name}/execute`;
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', ...headers };
    const asking = request({ host: '127.0.0.1', port, path, method: 'POST', headers: all, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('error', reject).on('end', () => resolve({ code: answer.statusCode ?? 0, body: JSON.parse(text) }));
    });
    asking.on('error', reject).end(JSON.stringify(spec));
  });
}

const reasonOf = ({ body }: Answer): unknown =>
  (body.conditions as { type: string; reason: string }[]).find(({ type }) => type === 'Succeeded')?.reason;

describe('copepod gateway --local', () => {
  test('says where it listens, and for which runtimes', async () => {
    await until(
      'a line for each runtime',
      () => output.includes('scriptruntimes/small/execute') && output.includes('scriptruntimes/default/execute'),
    );
  });

  test('executes scripts, on a default runtime too', async () => {
    expect(await execute('default/default', { source: 'params.a + 1', params: { a: 41 } })).toMatchObject({
      code: 200,
      body: { result: 42 },
    });
  });

  test('has the limits, tenants, ConfigMaps and host functions of its files', async () => {
    const context = { tenant: { id: 'a' } };
    const sourceFrom = { configMapRef: { name: 'rules', main: 'main.ts' } };
    expect(await execute('acme/small', { sourceFrom, params: { by: 21 }, context })).toMatchObject({
      body: { result: 42 },
    });
    expect(await execute('acme/small', { source: 'await greet("you")', context })).toMatchObject({
      body: { result: 'hello you of a' },
    });
    expect(reasonOf(await execute('acme/small', { source: '1', context, limits: { timeout: '3s' } }))).toBe(
      'LimitsRefused',
    );
    expect(reasonOf(await execute('acme/small', { source: '1', context: { tenant: { id: 'c' } } }))).toBe(
      'TenantRefused',
    );
    expect(reasonOf(await execute('acme/small', { source: 'throw new Error("no")', context }))).toBe('RuntimeError');
  });

  test('answers what waits for the VMs of a runtime in turn', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        execute('acme/small', { source: 'params', params: index, context: { tenant: { id: 'b' } } }),
      ),
    );
    expect(answers.map(({ body }) => body.result)).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  test.each([
    ['another runtime', 'acme/none', {}, 404],
    ['a page of another origin', 'default/default', { origin: 'https://evil.example' }, 403],
    ['another name of this machine', 'default/default', { host: 'evil.example' }, 403],
    ['a form', 'default/default', { 'content-type': 'text/plain' }, 415],
  ])('refuses %s', async (_what, runtime, headers, code) => {
    expect(await execute(runtime, { source: '1' }, headers)).toMatchObject({ code });
  });

  describe('copepod/client', () => {
    const client = (more: Partial<ClientOptions> = {}) => new Client({ url: `http://127.0.0.1:${port}/`, ...more });

    test('resolves with how a script ended', async () => {
      const done = await client().execute<number>(
        'default',
        { source: 'params.a + 1', params: { a: 41 } },
        { requestID: 'r-1' },
      );
      expect(done).toMatchObject({
        succeeded: true,
        reason: 'Completed',
        result: 42,
        requestID: 'r-1',
        recordedAs: undefined,
      });
      const failed = await client().execute('default', { source: 'throw new Error("no")' });
      expect(failed).toMatchObject({ succeeded: false, reason: 'RuntimeError', result: undefined });
    });

    test('throws what the gateway refuses', async () => {
      const refused = client({ namespace: 'acme' }).execute('none', { source: '1' });
      await expect(refused).rejects.toThrow(RefusedError);
      await expect(refused).rejects.toMatchObject({ code: 404, reason: 'NotFound' });
    });

    test('sends again what was refused for a moment, and nothing else', async () => {
      const codes = [429, 503, 200];
      const asked: number[] = [];
      const fetch = async (...args: Parameters<typeof globalThis.fetch>): Promise<Response> => {
        const code = codes[asked.length] ?? 0;
        asked.push(code);
        if (code === 200) return await globalThis.fetch(...args);
        return new Response('{"reason":"TooManyRequests","message":"busy"}', {
          status: code,
          headers: { 'retry-after': '0' },
        });
      };
      expect(await client({ fetch }).execute('default', { source: '7' })).toMatchObject({ result: 7 });
      expect(asked).toEqual(codes);
      const broken = client({ fetch: () => Promise.reject(new TypeError('fetch failed')) });
      await expect(broken.execute('default', { source: '1' })).rejects.toThrow('fetch failed');
    });

    test('cancels by its signal', async () => {
      const signal = AbortSignal.timeout(300);
      const endless = client().execute(
        'default',
        { source: 'await new Promise(() => setInterval(() => {}, 1000))' },
        { signal },
      );
      await expect(endless).rejects.toMatchObject({ name: 'TimeoutError' });
      await until('a line of the request', () => / 499 /.test(output));
    });
  });

  test('ends in good order', async () => {
    gateway.kill('SIGINT');
    expect(await exited).toBe(0);
  });
});

test.each([
  ['--local --address 0.0.0.0', /not a loopback address/],
  ['x.yaml', /files are served with --local alone/],
  ['--local nothing.yaml', /nothing.yaml/],
  ['--local --max-wait soon', /"soon" is not a duration/],
])('copepod gateway %s is invalid usage', (args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'gateway', ...args.split(' ')], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});
