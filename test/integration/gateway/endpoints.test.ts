import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import { copepod, ROOT } from '../support/cli.ts';
import { LocalGateway } from '../support/local-gateway.ts';

const MANIFESTS = `
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: site, namespace: acme }
spec:
  auth: { type: None }
  hostnames: [site.example]
  path: /pages
  source: |
    export default (request) => new Response(request.url);
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: whole, namespace: acme }
spec:
  auth: { type: None }
  hostnames: [whole.example]
  source: |
    export default () => new Response('mine');
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: closed, namespace: acme }
spec:
  source: |
    export default () => new Response('open');
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: greeter, namespace: acme }
spec:
  auth: { type: None }
  record: Always
  sourceFrom: { configMapRef: { name: site, main: main.ts } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: site, namespace: acme, labels: { copepod.dev/source: "true" } }
data:
  main.ts: |
    import { greeting } from './greeting.ts';
    export default { fetch(request: Request): Response { if (request.method === 'PUT') throw new Error('no'); return new Response(greeting as string); } };
  greeting.ts: export const greeting = 'hello';
`;

let directory: string;
let gateway: LocalGateway;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-endpoints-'));
  const file = join(directory, 'objects.yaml');
  writeFileSync(file, MANIFESTS);
  gateway = await LocalGateway.start([file, join(ROOT, 'examples/endpoint.yaml')]);
}, 60_000);
afterAll(async () => {
  await gateway?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('endpoints of manifests on a local gateway', () => {
  test('answer as the example says', async () => {
    expect(await gateway.send('/default/orders/7')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      text: '{"id":7,"total":21.5,"currency":"EUR"}',
    });
    const order = { method: 'POST', body: '{"id":3,"total":2}' };
    expect(await gateway.send('/default/orders', order)).toMatchObject({ status: 201, headers: { location: '/3' } });
    expect(await gateway.send('/default/orders', { method: 'PUT' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, POST, HEAD' },
    });
    expect(await gateway.send('/default/orders/7', { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': '38' },
      text: '',
    });
  });

  test('have scripts of ConfigMaps; errors are told to whoever calls, and records are left out', async () => {
    expect(await gateway.send('/acme/greeter')).toMatchObject({ status: 200, text: 'hello' });
    expect(await gateway.send('/acme/greeter', { method: 'PUT' })).toMatchObject({
      status: 500,
      text: 'RuntimeError: Error: no (main.ts:2:90)\n',
    });
  });

  test('are served for their hostnames, under their path', async () => {
    const headers = { host: 'site.example' };
    expect((await gateway.send('/pages/1?a=b', { headers })).text).toBe('http://site.example/pages/1?a=b');
    expect((await gateway.send('/', { headers })).status).toBe(404);
    expect((await gateway.send('/acme/greeter', { headers })).status).toBe(404);
    expect((await gateway.send('/acme/site/1')).text).toBe(`http://127.0.0.1:${gateway.port}/1`);
  });

  test('are not served for a path that is another one for the script', async () => {
    const headers = { host: 'site.example' };
    expect((await gateway.send('/p%61ges/1', { headers })).text).toBe('http://site.example/pages/1');
    for (const path of ['/x/../pages/1', '/pages/%2e%2e/1', 'm://x/pages', '*']) {
      const { status, text } = await gateway.send(path, { headers });
      expect({ path, status, text }).toEqual({ path, status: 400, text: expect.stringContaining('the ') });
    }
  });

  test('do not take the paths of Execute and MCP for their hostnames', async () => {
    const headers = { host: 'whole.example', 'content-type': 'application/json' };
    expect((await gateway.send('/other', { headers })).text).toBe('mine');
    const path = '/apis/copepod.dev/v1alpha1/namespaces/default/scriptruntimes/default/execute';
    for (const own of [path, '/mcp/default/default']) {
      const { status, text } = await gateway.send(own, { method: 'POST', headers, body: '{"source":"1"}' });
      expect({ status, isOfScript: text === 'mine' }).toEqual({ status: 403, isOfScript: false });
    }
  });

  test.each([
    ['without authentication', '/acme/site', 200],
    ['with the authentication of a cluster', '/acme/closed', 403],
  ])('%s and called by a web page: %s is %i', async (_, path, status) => {
    const headers = { origin: 'https://elsewhere.example' };
    expect((await gateway.send(path, { headers })).status).toBe(status);
    expect((await gateway.send(path)).status).toBe(200);
  });

  test('take no requests by a name that resolves to this machine (DNS rebinding)', async () => {
    for (const path of ['/acme/site', '/acme/closed']) {
      expect((await gateway.send(path, { headers: { host: 'evil.example' } })).status).toBe(403);
    }
  });

  test('leave room for other requests, however many bodies are under way', async () => {
    const sockets: Socket[] = [];
    const body = Buffer.alloc(1 << 20);
    const post = async () => await gateway.send('/acme/site', { method: 'POST', body });
    const head = `POST /acme/site HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nContent-Length: ${body.length}\r\n\r\n`;
    try {
      // Their last byte never comes.
      const stall = async (): Promise<void> => {
        const socket = connect(gateway.port, '127.0.0.1').on('error', () => {});
        sockets.push(socket);
        await new Promise<void>((resolve) => {
          socket.write(head);
          socket.write(body.subarray(1), () => resolve());
        });
      };
      const refusal = await until('no room', async () => {
        await Promise.all(Array.from({ length: 50 }, stall));
        const answer = await post();
        // All of them are for one namespace, which may not have the whole gateway.
        return answer.status === 429 ? answer : undefined;
      });
      expect(refusal.headers['retry-after']).toBe('1');
      expect((await gateway.send('/acme/site')).status).toBe(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await until('room', async () => (await post()).status === 200);
  }, 60_000);

  test('share the gateway with execute', async () => {
    const path = '/apis/copepod.dev/v1alpha1/namespaces/default/scriptruntimes/default/execute';
    const headers = { 'content-type': 'application/json' };
    const { text } = await gateway.send(path, { method: 'POST', headers, body: '{"source":"1+1"}' });
    expect(JSON.parse(text)).toMatchObject({ result: 2 });
  });
});

describe('validate', () => {
  test('compiles the scripts of endpoints, and says where they do not', async () => {
    const file = join(directory, 'wrong.yaml');
    writeFileSync(
      file,
      'apiVersion: copepod.dev/v1alpha1\nkind: ScriptEndpoint\nmetadata: { name: wrong }\nspec:\n  source: |\n    export default {\n      fetch( { }\n    };\n',
    );
    const { code, stdout } = await copepod(['validate', file]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/wrong\.yaml:8:5: spec\.source: SyntaxError/);
  });

  test.each([
    ['a path without hostnames', 'path: /a', 'has an effect only together with hostnames'],
    ['an IP address as hostname', 'hostnames: [10.96.0.7]', 'is not a host name'],
    ['a hostname inside a cluster', 'hostnames: [gateway.copepod-system.svc]', 'must not be a name inside a cluster'],
    ['no such authentication', 'auth: { type: Basic }', 'must be one of'],
    [
      'credentials for every origin',
      'cors: { allowOrigins: ["*"], allowCredentials: true }',
      'must not be true where every origin is allowed',
    ],
    [
      'headers without names for credentials',
      'cors: { allowOrigins: ["https://a.example"], allowCredentials: true, exposeHeaders: ["*"] }',
      'must name each header where allowCredentials is true',
    ],
    ['an origin beside *', 'cors: { allowOrigins: ["*", "https://a.example"] }', 'must have no other origin beside *'],
    ['an origin with a path', 'cors: { allowOrigins: ["https://a.example/"] }', 'is not an origin'],
    ['a wildcard for a part of a label', 'cors: { allowOrigins: ["https://a*.example"] }', 'is not an origin'],
    ['the origin null', 'cors: { allowOrigins: ["null"] }', 'is not an origin'],
    ['CORS without origins', 'cors: { allowMethods: [PUT] }', 'spec.cors.allowOrigins'],
    ['TRACE for pages', 'cors: { allowOrigins: ["*"], allowMethods: [TRACE] }', 'must not be CONNECT, TRACE or TRACK'],
    ['TRACE', 'methods: [TRACE]', 'must not be CONNECT, TRACE or TRACK'],
  ])('refuses %s', async (_, field, message) => {
    const file = join(directory, 'field.yaml');
    writeFileSync(
      file,
      `apiVersion: copepod.dev/v1alpha1\nkind: ScriptEndpoint\nmetadata: { name: x }\nspec:\n  source: "1"\n  ${field}\n`,
    );
    const { code, stdout } = await copepod(['validate', file]);
    expect([code, stdout]).toEqual([2, expect.stringContaining(message)]);
  });

  test('a file with endpoints alone is nothing to run', async () => {
    const { code, stderr } = await copepod(['run', join(ROOT, 'examples/endpoint.yaml')]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("'copepod gateway --local FILE...' serves ScriptEndpoints"),
    ]);
  });
});
