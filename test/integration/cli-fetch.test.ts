import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { type LocalServer, localServer } from '../egress/support/server.ts';
import { copepod, ROOT, succeeded, Workspace } from './support/cli.ts';

const PRODUCTS = [1, 2, 3, 4, 5].map((n) => ({ sku: `sku-${n}`, price: n * 10 }));

let server: LocalServer;
beforeAll(async () => {
  server = await localServer(({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    if (pathname === '/v2/tickets') return response.end('{"id":7}');
    if (pathname !== '/v1/products') return response.end();
    const page = Number(searchParams.get('page') ?? 1);
    if (page * 2 < PRODUCTS.length)
      response.setHeader('link', `</v1/products?per_page=2&page=${page + 1}>; rel="next"`);
    return response.end(JSON.stringify(PRODUCTS.slice(page * 2 - 2, page * 2)));
  });
});
afterAll(() => server.close());

/** Runs an example whose API is the local server. */
async function runExample(name: string): Promise<ScriptExecution> {
  const text = readFileSync(join(ROOT, 'examples/fetch', name), 'utf8')
    .replaceAll('https://api.example.com', `http://127.0.0.1:${server.port}`)
    .replace('hosts: [api.example.com]', `hosts: [127.0.0.1]\n      schemes: [http]\n      ports: [${server.port}]`);
  const { stdout } = await copepod(['run', '-', '-o', 'json'], { input: text });
  return (JSON.parse(stdout) as { items: ScriptExecution[] }).items[0] as ScriptExecution;
}

describe('the examples of fetch, against a local server', () => {
  test('page-through.yaml reads all pages', async () => {
    const { status } = await runExample('page-through.yaml');
    expect(status).toMatchObject({ result: { products: 5, total: 150 }, usage: { apiCalls: 3, fetches: 3 } });
  });

  test('api-with-secret.yaml sends a credential that no script sees, and nothing shows it', async () => {
    const item = await runExample('api-with-secret.yaml');
    expect(item.status.result).toEqual({ ticket: 7 });
    expect(server.seen.at(-1)).toMatchObject({ method: 'POST', headers: { authorization: 'Bearer replace-me' } });
    expect(JSON.stringify(item)).not.toContain('replace-me');
  });

  test('send-on-failure.yaml sends a message and fails', async () => {
    const item = await runExample('send-on-failure.yaml');
    expect(succeeded(item)?.reason).toBe('RuntimeError');
    expect(item.status.error?.message).toBe('RangeError: order 2 has a total of -3');
    expect(server.seen.at(-1)).toMatchObject({ method: 'POST', url: '/hooks/on-call' });
    expect(JSON.parse(server.seen.at(-1)?.body ?? '')).toEqual({
      text: 'The nightly check failed: order 2 has a total of -3',
    });
  });
});

describe('copepod run', () => {
  test('refuses what no rule of the ScriptRuntime allows, and the status says which', async () => {
    using files = new Workspace({ 'a.js': `await fetch('https://api.example.com/')` });
    const { stdout } = await copepod(['run', 'a.js', '-o', 'json'], { cwd: files.path });
    const { items } = JSON.parse(stdout) as { items: ScriptExecution[] };
    expect(items[0]?.status.error).toMatchObject({
      message: 'TypeError: fetch failed [cause: Error: no egress rule allows api.example.com:443; see spec.egress]',
      line: 1,
    });
  });
});

describe('a proxy of the environment', () => {
  const manifest = (host: string, port: number) => `
apiVersion: copepod.dev/v1alpha1
kind: ScriptRuntime
metadata: { name: default, namespace: proxied }
spec:
  egress: [{ hosts: [${host}], schemes: [http], ports: [${port}] }]
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: proxied, namespace: proxied }
spec: { source: "await (await fetch('http://${host}:${port}/page')).text()" }
`;
  const through = async (host: string, noProxy = ''): Promise<{ result: unknown; proxied: string[] }> => {
    const proxy = await localServer((_, response) => response.end('by the proxy'));
    try {
      const env = {
        HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
        HTTPS_PROXY: '',
        http_proxy: '',
        https_proxy: '',
        NO_PROXY: noProxy,
        no_proxy: noProxy,
      };
      const { stdout } = await copepod(['run', '-', '-o', 'json'], { input: manifest(host, server.port), env });
      const { items } = JSON.parse(stdout) as { items: ScriptExecution[] };
      return {
        result: items[0]?.status.result ?? items[0]?.status.error?.message,
        proxied: proxy.seen.map(({ url }) => url),
      };
    } finally {
      await proxy.close();
    }
  };

  test('gets the requests that rules allow, and resolves names', async () => {
    const host = 'shop.example.test';
    expect(await through(host)).toEqual({ result: 'by the proxy', proxied: [`http://${host}:${server.port}/page`] });
  });

  test('gets none for hosts that NO_PROXY names', async () => {
    expect(await through('127.0.0.1', '127.0.0.1')).toEqual({ result: '', proxied: [] });
  });
});

describe('copepod test', () => {
  test('answers fetch by a stub, for one test', async () => {
    using files = new Workspace({
      'price.ts': `export default async (sku: string): Promise<number> => {
        const response = await fetch('https://api.example.com/prices/' + sku, { headers: { 'x-own': '1' } });
        if (!response.ok) throw new Error('status ' + response.status);
        return (await response.json()).price;
      };`,
      'price.test.ts': `import { expect, stubFetch, test } from 'copepod/test';
        import price from './price.ts';
        test('reads the price', async () => {
          const api = stubFetch(() => Response.json({ price: 3 }));
          expect(await price('tea')).toBe(3);
          expect(api.requests.map(({ url, method, headers }) => [method, url, headers.get('x-own')])).toEqual([['GET', 'https://api.example.com/prices/tea', '1']]);
        });
        test('throws on an error', async () => {
          stubFetch(({ url }) => new Response(null, { status: url.endsWith('/tea') ? 503 : 200 }));
          await expect(price('tea')).rejects.toThrow('status 503');
        });
        test('has no network', async () => {
          await expect(price('tea')).rejects.toThrow('fetch failed');
        });`,
    });
    const { stdout, code } = await copepod(['test'], { cwd: files.path });
    expect(stdout).toMatch(/3 passed/);
    expect(code).toBe(0);
  });
});
