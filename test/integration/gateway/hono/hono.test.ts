import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../../support/cli.ts';
import { type LocalAnswer, LocalGateway, type LocalRequest, send } from '../../support/local-gateway.ts';
import app from './app.ts';
import { REQUESTS } from './requests.ts';

const ENDPOINT = `
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: app, namespace: default }
spec:
  auth: { type: None }
  hostnames: [shop.example]
  sourceFrom: { configMapKeyRef: { name: app, key: app.js } }
`;

let directory: string;
let gateway: LocalGateway;
let node: Server;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-hono-'));
  const entry = join(ROOT, 'test/integration/gateway/hono/app.ts');
  const build = ['build', entry, '--kind', 'ConfigMap', '--name', 'app', '--no-source-map'];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const bundle = execFileSync(process.execPath, [join(ROOT, 'dist/cli/main.js'), ...build], { env, encoding: 'utf8' });
  const file = join(directory, 'app.yaml');
  writeFileSync(file, `${bundle}---\n${ENDPOINT}`);
  gateway = await LocalGateway.start([file]);
  node = await new Promise<Server>((resolve) => {
    // With Node's own Request and Response, not the ones that it would put in their place.
    const options = { fetch: app.fetch, port: 0, hostname: '127.0.0.1', overrideGlobalObjects: false };
    const server = serve(options, () => resolve(server as Server));
  });
}, 120_000);
afterAll(async () => {
  await gateway?.close();
  node?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Headers of a connection, and what the gateway adds. */
const OWN = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'x-request-id']);

const shown = ({ status, statusText, headers, text }: LocalAnswer) => ({
  status,
  statusText,
  // A length of nothing may be left out.
  headers: Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => !OWN.has(name) && !(name === 'content-length' && value === '0')),
  ),
  text,
});

describe('a Hono application, bundled by copepod build', () => {
  test('is asked for at least sixty things', () => expect(REQUESTS.length).toBeGreaterThanOrEqual(60));

  test.each(
    REQUESTS.map(([path, request = {}]): [string, string, LocalRequest] => [request.method ?? 'GET', path, request]),
  )('%s %s is answered as under @hono/node-server', async (_, path, request) => {
    const { port } = node.address() as AddressInfo;
    const given = { ...request, headers: { host: 'shop.example', ...request.headers } };
    const [here, there] = await Promise.all([gateway.send(path, given), send(port, path, given)]);
    expect(shown(here)).toEqual(shown(there));
  });
});
