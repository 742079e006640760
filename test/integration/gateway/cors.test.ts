import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chromiumPath, INSTALLED_WITHIN_MS } from '../../support/chromium.ts';
import { LocalGateway } from '../support/local-gateway.ts';

/** `PAGE` is the origin of the page that calls. */
const MANIFESTS = `
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: listed, namespace: acme }
spec:
  auth: { type: None }
  methods: [GET, PUT]
  cors: { allowOrigins: [PAGE], allowMethods: [PUT], allowHeaders: [X-Order], exposeHeaders: [X-Seen], allowCredentials: true, maxAge: 60 }
  source: |
    export default (request) => {
      if (new URL(request.url).pathname === '/fails') throw new Error('it fails');
      const seen = [request.method, request.headers.get('x-order') ?? 'none'].join(' ');
      const headers = { 'x-seen': seen, 'x-hidden': '1', 'set-cookie': 'a=b', vary: 'Accept', 'Access-Control-Allow-Origin': 'https://script.example' };
      return new Response('listed', { headers });
    };
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: all, namespace: acme }
spec:
  auth: { type: None }
  cors: { allowOrigins: ['*'] }
  source: |
    export default () => new Response('data: one\\n\\n', { headers: { 'content-type': 'text/event-stream' } });
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: elsewhere, namespace: acme }
spec:
  auth: { type: None }
  cors: { allowOrigins: ['https://*.elsewhere.example'] }
  source: |
    export default () => new Response('elsewhere');
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: tokens, namespace: acme }
spec:
  auth: { type: JWT, jwt: { issuer: https://issuer.example, audiences: [shop], jwks: '{"keys":[]}' } }
  cors: { allowOrigins: [PAGE], allowHeaders: [Authorization] }
  source: |
    export default () => new Response('');
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: cluster, namespace: acme }
spec:
  cors: { allowOrigins: [PAGE] }
  source: |
    export default () => new Response('cluster');
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: cluster-for-all, namespace: acme }
spec:
  cors: { allowOrigins: ['*'] }
  source: |
    export default () => new Response('');
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: one, namespace: acme }
spec:
  auth: { type: None }
  concurrency: 1
  cors: { allowOrigins: [PAGE], exposeHeaders: [Retry-After] }
  source: |
    export default () => new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(new Uint8Array(1));
        await new Promise((resolve) => setTimeout(resolve, 25_000));
        controller.close();
      },
    }));
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: own, namespace: acme }
spec:
  auth: { type: None }
  source: |
    export default (request) => new Response(request.method, { headers: { 'access-control-allow-origin': '*' } });
`;

/** A page that calls endpoints as its author would, and sends what it has seen to where it is from. */
const PAGE = `<!doctype html><title>page</title><script type="module">
const GATEWAY = new URLSearchParams(location.search).get('gateway');
const call = async (path, init) => {
  try {
    const answer = await fetch(GATEWAY + path, init);
    const { status, headers } = answer;
    return { status, text: await answer.text(), seen: headers.get('x-seen'), hidden: headers.get('x-hidden'), retryAfter: headers.get('retry-after') };
  } catch (error) {
    return error.name;
  }
};
const seen = {};
try {
  seen.get = await call('/acme/listed');
  seen.put = await call('/acme/listed', { method: 'PUT', headers: { 'X-Order': '7' } });
  seen.credentials = await call('/acme/listed', { credentials: 'include' });
  seen.otherMethod = await call('/acme/listed', { method: 'DELETE' });
  seen.otherHeader = await call('/acme/listed', { headers: { 'X-Other': '7' } });
  seen.methodNotAllowed = await call('/acme/listed', { method: 'POST' });
  seen.failure = await call('/acme/listed/fails');
  seen.elsewhere = await call('/acme/elsewhere');
  seen.token = await call('/acme/tokens', { headers: { Authorization: 'Bearer x' } });
  seen.cluster = await call('/acme/cluster');
  seen.forAll = await call('/acme/all');
  seen.forAllWithCredentials = await call('/acme/all', { credentials: 'include' });
  seen.events = await new Promise((resolve) => {
    const events = new EventSource(GATEWAY + '/acme/all');
    events.onmessage = ({ data }) => { events.close(); resolve(data); };
    events.onerror = () => { events.close(); resolve('error'); };
  });
  const under = await fetch(GATEWAY + '/acme/one');
  seen.busy = await call('/acme/one?second');
  await under.body.cancel();
} catch (error) {
  seen.error = String(error);
}
await fetch('/seen', { method: 'POST', body: JSON.stringify(seen) });
</script>`;

let directory: string;
let pages: Server;
let page: string;
let gateway: LocalGateway;
const reported = Promise.withResolvers<unknown>();

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-cors-'));
  pages = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url !== '/seen') {
      response.end(PAGE);
      return;
    }
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      reported.resolve(JSON.parse(text));
      response.end();
    });
  });
  await once(pages.listen(0, '127.0.0.1'), 'listening');
  page = `http://localhost:${(pages.address() as AddressInfo).port}`;
  const file = join(directory, 'objects.yaml');
  writeFileSync(file, MANIFESTS.replaceAll('PAGE', page));
  gateway = await LocalGateway.start([file]);
}, 60_000);
afterAll(async () => {
  await gateway?.close();
  pages?.close();
  pages?.closeAllConnections();
  // Chromium may not have ended writing to it.
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

/** Headers of a response that are about other origins. */
const corsOf = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-') || name === 'vary'));

describe('a preflight', () => {
  const VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';
  const preflight = async (path: string, origin: string) => {
    const headers = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-order' };
    const answer = await gateway.send(path, { method: 'OPTIONS', headers });
    return { status: answer.status, text: answer.text, ...corsOf(answer.headers) };
  };

  test('is answered by the gateway, whatever methods and authentication the endpoint has', async () => {
    expect(await preflight('/acme/listed', page)).toEqual({
      status: 204,
      text: '',
      'access-control-allow-origin': page,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'X-Order',
      'access-control-max-age': '60',
      vary: VARY,
    });
    const token = { 'access-control-allow-origin': page, 'access-control-allow-headers': 'Authorization' };
    expect(await preflight('/acme/tokens', page)).toMatchObject({ status: 204, ...token });
  });

  test('of another origin is told nothing', async () => {
    for (const path of ['/acme/listed', '/acme/elsewhere', '/acme/tokens']) {
      expect(await preflight(path, 'https://evil.example')).toEqual({ status: 204, text: '', vary: VARY });
    }
    expect(await preflight('/acme/elsewhere', 'https://www.elsewhere.example')).toMatchObject({
      'access-control-allow-origin': 'https://www.elsewhere.example',
    });
  });

  test('is the script’s where the endpoint says nothing', async () => {
    expect(await preflight('/acme/own', page)).toEqual({
      status: 200,
      text: 'OPTIONS',
      'access-control-allow-origin': '*',
    });
  });

  test('keeps its connection, unless it has a body, which nothing reads', async () => {
    const headers = { origin: page, 'access-control-request-method': 'PUT' };
    const kept = await gateway.send('/acme/listed', {
      method: 'OPTIONS',
      headers: { ...headers, connection: 'keep-alive' },
    });
    expect(kept.headers.connection).toBe('keep-alive');
    const body = {
      method: 'OPTIONS',
      headers: { ...headers, connection: 'keep-alive', 'content-length': '1' },
      body: 'x',
    };
    expect((await gateway.send('/acme/listed', body)).headers.connection).toBe('close');
  });
});

describe('a response', () => {
  const answer = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const { status, headers: given } = await gateway.send(path, { method, headers });
    return { status, ...corsOf(given) };
  };
  const shared = () => ({ 'access-control-allow-origin': page, vary: 'Origin' });

  test('has the headers of the endpoint, not those of its script, and depends on what both say', async () => {
    const expected = { 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'X-Seen' };
    const vary = 'Origin, Accept';
    expect(await answer('/acme/listed', { origin: page })).toEqual({ status: 200, ...shared(), ...expected, vary });
    expect(await answer('/acme/listed', { origin: 'https://evil.example' })).toEqual({ status: 200, vary });
    expect(await answer('/acme/listed')).toEqual({ status: 200, vary });
    expect(await answer('/acme/all')).toEqual({ status: 200, 'access-control-allow-origin': '*' });
  });

  test('has them also where the request is refused or the script fails', async () => {
    expect(await answer('/acme/tokens', { origin: page })).toEqual({ status: 401, ...shared() });
    expect(await answer('/acme/listed', { origin: page }, 'POST')).toMatchObject({ status: 405, ...shared() });
    expect(await answer('/acme/listed/fails', { origin: page })).toMatchObject({ status: 500, ...shared() });
    expect(await answer('/acme/tokens', { origin: 'https://evil.example' })).toEqual({ status: 401, vary: 'Origin' });
  });

  test('on a local gateway is for pages of listed origins, who need no token of a cluster', async () => {
    expect(await answer('/acme/cluster', { origin: page })).toEqual({ status: 200, ...shared() });
    expect(await answer('/acme/cluster', { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    expect(await answer('/acme/cluster-for-all', { origin: page })).toMatchObject({ status: 403 });
  });
});

test(
  'pages in Chromium see what the endpoint lets them see',
  async () => {
    const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
    const url = `${page}/?gateway=${encodeURIComponent(`http://127.0.0.1:${gateway.port}`)}`;
    const child: ChildProcess = spawn(
      chromiumPath(),
      [
        ...options,
        '--disable-background-networking',
        '--disable-breakpad',
        `--user-data-dir=${join(directory, 'chromium')}`,
        url,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    );
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
    });
    const ended = new Promise<never>((_, reject) => {
      child.on('close', (code) => reject(new Error(`Chromium ended with ${code}: ${output}`)));
    });
    ended.catch(() => {});
    try {
      const listed = { status: 200, text: 'listed', hidden: null, retryAfter: null };
      expect(await Promise.race([reported.promise, ended])).toEqual({
        get: { ...listed, seen: 'GET none' },
        put: { ...listed, seen: 'PUT 7' },
        credentials: { ...listed, seen: 'GET none' },
        otherMethod: 'TypeError',
        otherHeader: 'TypeError',
        methodNotAllowed: expect.objectContaining({ status: 405 }),
        failure: expect.objectContaining({ status: 500, text: expect.stringContaining('it fails') }),
        elsewhere: 'TypeError',
        token: expect.objectContaining({ status: 401 }),
        cluster: expect.objectContaining({ status: 200, text: 'cluster' }),
        forAll: expect.objectContaining({ status: 200 }),
        forAllWithCredentials: 'TypeError',
        events: 'one',
        busy: expect.objectContaining({ status: 429, retryAfter: '1' }),
      });
    } finally {
      // It and the processes that it has started.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await ended.catch(() => {});
    }
  },
  120_000 + INSTALLED_WITHIN_MS,
);
