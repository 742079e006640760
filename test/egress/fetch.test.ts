import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EgressRule } from '../../src/api/types.generated.ts';
import { createRuntime, type ExecuteOptions, type ExecutionOutcome, type Runtime } from '../../src/index.ts';
import { GivenValues } from '../../src/runtime/env/value-source.ts';
import { until } from '../support/until.ts';
import { certificateFor } from './support/certificate.ts';
import { type LocalServer, localServer } from './support/server.ts';

let server: LocalServer;
let secure: LocalServer;
let runtime: Runtime;
/** Processes of executions, by their ids. */
const pids = new Map<string, number>();
/** Responses that the server has begun and not ended, by path. */
const open = new Map<string, { closed: boolean }>();

beforeAll(async () => {
  const tls = certificateFor('api.example.test');
  server = await localServer(({ url, method, body, headers }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    if (pathname === '/redirect') {
      response.writeHead(Number(searchParams.get('status')), { location: searchParams.get('to') ?? '' }).end();
    } else if (pathname === '/keyed-redirect') {
      response.writeHead(307, { location: '/plain' }).end();
    } else if (pathname.startsWith('/never')) {
      const state = { closed: false };
      open.set(pathname, state);
      response.on('close', () => (state.closed = true));
      if (pathname.startsWith('/never-ends')) response.write('x'.repeat(1000));
    } else if (pathname === '/bytes') {
      response.end('x'.repeat(Number(searchParams.get('n'))));
    } else if (pathname === '/none') {
      response.writeHead(204).end();
    } else {
      response.setHeader('content-type', 'application/json');
      response.setHeader('set-cookie', ['a=b', 'c=d']);
      response.end(JSON.stringify({ url, method, body, headers }));
    }
  });
  secure = await localServer(
    ({ httpVersion, headers }, response) => response.end(`${httpVersion} ${headers['x-key']}`),
    {
      tls,
    },
  );
  runtime = createRuntime({
    pool: { size: 2 },
    observer: { executionStarted: ({ executionId, pid }) => pids.set(executionId, pid) },
    limits: { apiCalls: 200, timeoutMs: 20_000, cpuTimeMs: 10_000 },
    egress: {
      ca: tls.cert,
      resolve: async () => ['127.0.0.1'],
      rules: [
        {
          name: 'keyed',
          hosts: ['127.0.0.1'],
          schemes: ['http'],
          ports: [server.port],
          paths: ['/keyed*'],
          headers: [{ name: 'Authorization', value: 'Bearer of-the-rule' }],
        },
        { name: 'local', hosts: ['127.0.0.1'], schemes: ['http'], ports: [server.port] },
        {
          name: 'secure',
          hosts: ['api.example.test', '127.0.0.0/8'],
          ports: [secure.port],
          headers: [{ name: 'x-key', value: 'k' }],
        },
        { name: 'other-name', hosts: ['other.example.test', '127.0.0.0/8'], ports: [secure.port] },
      ],
    },
  });
  await runtime.ready();
});
afterAll(async () => {
  await runtime.close();
  await Promise.all([server.close(), secure.close()]);
});

/** Runs a script in which `base` is the server's origin. */
function run(source: string, options: ExecuteOptions = {}): Promise<ExecutionOutcome> {
  return runtime.execute(source, {
    params: { base: `http://127.0.0.1:${server.port}`, port: secure.port },
    ...options,
  });
}

async function result(source: string, options?: ExecuteOptions): Promise<unknown> {
  const outcome = await run(source, options);
  if (outcome.reason !== 'Completed') throw outcome.error ?? new Error(outcome.reason);
  return outcome.result;
}

describe('fetch', () => {
  test('gives a response as the Fetch standard has it', async () => {
    const source = `
      const r = await fetch(params.base + '/a?b=c#d');
      ({ status: r.status, ok: r.ok, url: r.url, redirected: r.redirected, type: r.headers.get('content-type'),
         cookies: r.headers.getSetCookie(), isResponse: r instanceof Response, seen: (await r.json()).url })`;
    expect(await result(source)).toEqual({
      status: 200,
      ok: true,
      url: `http://127.0.0.1:${server.port}/a?b=c`,
      redirected: false,
      type: 'application/json',
      cookies: ['a=b', 'c=d'],
      isResponse: true,
      seen: '/a?b=c',
    });
  });

  test.each([
    ['a text', `'text'`, 'text', 'text/plain;charset=UTF-8'],
    ['bytes', 'new Uint8Array([65, 66])', 'AB', undefined],
    [
      'URLSearchParams',
      `new URLSearchParams({ a: 'b c' })`,
      'a=b+c',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
    ['a Blob', `new Blob(['blob'], { type: 'text/csv' })`, 'blob', 'text/csv'],
    [
      'a stream',
      `new ReadableStream({ start(c) { c.enqueue(new Uint8Array([65])); c.enqueue(new Uint8Array([66])); c.close(); } })`,
      'AB',
      undefined,
    ],
  ])('sends %s', async (_, body, expected, type) => {
    const seen = (await result(
      `await (await fetch(params.base + '/x', { method: 'POST', duplex: 'half', body: ${body} })).json()`,
    )) as { body: string; headers: Record<string, string> };
    expect(seen.body).toBe(expected);
    expect(seen.headers['content-type']).toBe(type);
  });

  test('takes a Request', async () => {
    const source = `const request = new Request(params.base + '/r', { method: 'PUT', body: 'b', headers: { 'x-own': '1' } });
      const { method, body, headers } = await (await fetch(request)).json(); [method, body, headers['x-own'], request.bodyUsed]`;
    expect(await result(source)).toEqual(['PUT', 'b', '1', true]);
  });

  test('gives a body as a stream, in parts', async () => {
    const source = `
      const { body } = await fetch(params.base + '/bytes?n=1000000');
      let bytes = 0; let parts = 0;
      for await (const part of body) { bytes += part.length; parts++; }
      [bytes, parts > 5]`;
    expect(await result(source)).toEqual([1_000_000, true]);
  });

  test('sends a body of megabytes in parts', async () => {
    const source = `
      const r = await fetch(params.base + '/x', { method: 'POST', body: 'y'.repeat(3_000_000) });
      (await r.json()).body.length`;
    expect(await result(source)).toBe(3_000_000);
  });

  test('of a response without a body gives null', async () => {
    expect(await result(`const r = await fetch(params.base + '/none'); [r.status, r.body]`)).toEqual([204, null]);
    expect(await result(`const r = await fetch(params.base + '/x', { method: 'HEAD' }); [r.status, r.body]`)).toEqual([
      200,
      null,
    ]);
  });

  test.each([
    ['follow', `({ s: (await fetch(u)).status, r: (await fetch(u)).redirected })`, { s: 200, r: true }],
    [
      'manual',
      `const r = await fetch(u, { redirect: 'manual' }); ({ s: r.status, l: r.headers.get('location') })`,
      { s: 302, l: '/a' },
    ],
    [
      'error',
      `try { await fetch(u, { redirect: 'error' }); } catch (e) { [e.name, e.message, e.cause.message]; }`,
      ['TypeError', 'fetch failed', expect.stringContaining('redirect: "error"')],
    ],
  ])('redirect: %s', async (_, source, expected) => {
    expect(await result(`const u = params.base + '/redirect?status=302&to=/a'; ${source}`)).toEqual(expected);
  });

  test.each([
    [307, `'text'`, { method: 'POST', body: 'text' }],
    [308, `'text'`, { method: 'POST', body: 'text' }],
    [303, `'text'`, { method: 'GET', body: '' }],
    [302, `'text'`, { method: 'GET', body: '' }],
  ])('a redirect of status %i repeats or drops the body', async (status, body, expected) => {
    const source = `await (await fetch(params.base + '/redirect?status=${status}&to=/a', { method: 'POST', body: ${body} })).json()`;
    expect(await result(source)).toMatchObject(expected);
  });

  test('a redirect cannot repeat a stream', async () => {
    const source = `try {
      await fetch(params.base + '/redirect?status=307&to=/a', { method: 'POST', duplex: 'half', body: new Blob(['a']).stream() });
    } catch (e) { e.cause.message; }`;
    expect(await result(source)).toMatch(/was a stream/);
  });

  test('goes over HTTP/1.1 and HTTP/2, with TLS that is verified', async () => {
    expect(await result(`await (await fetch('https://api.example.test:' + params.port + '/')).text()`)).toMatch(
      /^(1\.1|2\.0) k$/,
    );
    const wrong = `try { await fetch('https://other.example.test:' + params.port + '/'); } catch (e) { [e.message, e.cause.code]; }`;
    expect(await result(wrong)).toEqual(['fetch failed', 'ERR_TLS_CERT_ALTNAME_INVALID']);
  });

  test('keeps the time of a run: many at once', async () => {
    const source = `(await Promise.all(Array.from({ length: 100 }, (_, i) =>
      fetch(params.base + '/' + i).then((r) => r.json()).then(({ url }) => url === '/' + i)))).every(Boolean)`;
    expect(await result(source)).toBe(true);
  });

  test('is not there to be awaited after the result', async () => {
    expect(await result(`void fetch(params.base + '/never-1'); 'result'`)).toBe('result');
  });
});

describe('a fetch that fails', () => {
  test('ends a run as TypeError with its place, and the cause names the rule', async () => {
    const { reason, error } = await run(`const a = 1;\nawait fetch('https://api.example.com/v1')`);
    expect(reason).toBe('RuntimeError');
    expect(error).toMatchObject({ message: 'TypeError: fetch failed', line: 2 });
    expect(error?.cause).toMatchObject({
      message: 'Error: no egress rule allows api.example.com:443; see spec.egress',
    });
  });

  test.each([
    ['a URL that is none', `'http://'`, 'TypeError'],
    ['a URL with credentials', `'https://a:b@api.example.com/'`, 'TypeError'],
    ['a body of a GET', `params.base, { body: 'x' }`, 'TypeError'],
    ['a forbidden method', `params.base, { method: 'TRACE' }`, 'TypeError'],
    ['a header with a line break', `params.base, { headers: { a: 'b\\r\\nc: d' } }`, 'TypeError'],
    ['no argument', '', 'TypeError'],
  ])('for %s, as a rejection', async (_, args, name) => {
    expect(await result(`let p = fetch(${args}); try { await p; } catch (e) { e.name; }`)).toBe(name);
  });

  test.each([
    ['aborted before', `const s = AbortSignal.abort(new Error('mine'));`, 'mine'],
    [
      'aborted at once',
      `const c = new AbortController(); const s = c.signal; queueMicrotask(() => c.abort(new Error('mine')));`,
      'mine',
    ],
    [
      'aborted later',
      `const c = new AbortController(); const s = c.signal; setTimeout(() => c.abort(new Error('mine')), 30);`,
      'mine',
    ],
    ['timed out', 'const s = AbortSignal.timeout(30);', 'The operation was aborted due to timeout'],
  ])('%s, with the reason', async (_, source, expected) => {
    expect(
      await result(`${source} try { await fetch(params.base + '/never-2', { signal: s }); } catch (e) { e.message; }`),
    ).toBe(expected);
  });

  test('in the middle of its body, when it is aborted', async () => {
    const source = `const c = new AbortController();
      const r = await fetch(params.base + '/never-ends-1', { signal: c.signal });
      setTimeout(() => c.abort(new Error('mine')), 30);
      try { await r.text(); } catch (e) { e.message; }`;
    expect(await result(source)).toBe('mine');
    await until('the request to end', () => open.get('/never-ends-1')?.closed === true);
  });

  test("with the error of the script's own stream", async () => {
    const source = `const body = new ReadableStream({ pull() { throw new Error('mine'); } });
      try { await fetch(params.base + '/x', { method: 'POST', duplex: 'half', body }); } catch (e) { e.message; }`;
    expect(await result(source)).toBe('mine');
  });
});

describe('the end of an execution ends its requests', () => {
  test.each([
    ['its result', '/never-ends-2', `const r = await fetch(params.base + '/never-ends-2'); r.status`, 'Completed', {}],
    [
      'an error',
      '/never-ends-3',
      `await fetch(params.base + '/never-ends-3'); throw new Error('x')`,
      'RuntimeError',
      {},
    ],
    ['its time-out', '/never-3', `await fetch(params.base + '/never-3')`, 'TimeoutExceeded', { timeoutMs: 500 }],
    [
      'its CPU time',
      '/never-ends-4',
      `await fetch(params.base + '/never-ends-4'); for (;;);`,
      'CPUTimeExceeded',
      { cpuTimeMs: 200 },
    ],
    [
      'its memory',
      '/never-ends-5',
      `await fetch(params.base + '/never-ends-5'); const a = []; for (;;) a.push(new Array(1e5).fill(1))`,
      'MemoryExceeded',
      {},
    ],
    [
      'its calls',
      '/never-4',
      `await Promise.all([fetch(params.base + '/never-4'), fetch(params.base + '/never-4')])`,
      'APICallsExceeded',
      { apiCalls: 1 },
    ],
  ])('%s', async (_, path, source, reason, limits) => {
    const outcome = await run(source, { limits });
    expect(outcome.reason).toBe(reason);
    await until('the request to end', () => open.get(path)?.closed !== false);
  });

  test('limits.fetchBytes, of what it sends and receives', async () => {
    const limits = { fetchBytes: 100_000 };
    const received = await run(`await (await fetch(params.base + '/bytes?n=200000')).text()`, { limits });
    expect(received).toMatchObject({
      reason: 'FetchBytesExceeded',
      error: { type: 'ResourceError', retryable: false },
    });
    const sent = await run(`await fetch(params.base + '/x', { method: 'POST', body: 'x'.repeat(200000) })`, { limits });
    expect(sent.reason).toBe('FetchBytesExceeded');
    expect(await run(`await (await fetch(params.base + '/bytes?n=90000')).text(); 1`, { limits })).toMatchObject({
      reason: 'Completed',
      result: 1,
    });
  });

  test('the end of its process from outside', async () => {
    const running = run(`await fetch(params.base + '/never-6')`, { context: { execution: { id: 'killed' } } });
    await until('the request to arrive', () => open.has('/never-6'));
    process.kill(pids.get('killed') ?? 0, 'SIGKILL');
    expect((await running).reason).toBe('SandboxLost');
    await until('the request to end', () => open.get('/never-6')?.closed === true);
  });

  test('a cancellation', async () => {
    const controller = new AbortController();
    const running = run(`await fetch(params.base + '/never-5')`, { signal: controller.signal });
    await until('the request to arrive', () => open.has('/never-5'));
    controller.abort();
    expect((await running).reason).toBe('Cancelled');
    await until('the request to end', () => open.get('/never-5')?.closed === true);
  });
});

describe('what a fetch costs', () => {
  test('is counted', async () => {
    const { usage } = await run(`await (await fetch(params.base + '/bytes?n=1000')).text();
      await (await fetch(params.base + '/redirect?status=302&to=/bytes%3Fn=10', { method: 'POST', body: 'abc' })).text()`);
    expect(usage).toMatchObject({ apiCalls: 2, fetches: 3, fetchBytesSent: 3, fetchBytesReceived: 1010 });
    expect((await run('1')).usage).not.toHaveProperty('fetches');
  });

  test('is reported, each request by itself, without the query', async () => {
    const reports: object[] = [];
    await run(
      `await (await fetch(params.base + '/redirect?status=302&to=/bytes%3Fn=10', { headers: { 'x-own': 'secret' } })).text();
       try { await fetch('https://api.example.com/p?secret') } catch {}`,
      { onFetch: (report) => reports.push(report) },
    );
    expect(reports).toMatchObject([
      {
        rule: 'local',
        method: 'GET',
        url: `http://127.0.0.1:${server.port}/redirect`,
        status: 302,
        outcome: '3xx',
        bytesSent: 0,
        milliseconds: expect.any(Number),
      },
      { rule: 'local', url: `http://127.0.0.1:${server.port}/bytes`, status: 200, outcome: '2xx', bytesReceived: 10 },
      {
        method: 'GET',
        url: 'https://api.example.com/p',
        outcome: 'refused',
        error: expect.stringContaining('no egress rule'),
      },
    ]);
    expect(JSON.stringify(reports)).not.toContain('secret');
  });
});

describe('headers of a rule', () => {
  test("are sent in place of the script's, and seen by no script", async () => {
    const source = `const r = await fetch(params.base + '/keyed', { headers: { authorization: 'Bearer own' } });
      ({ sent: (await r.json()).headers.authorization, seen: [...r.headers].flat().join().includes('of-the-rule') })`;
    expect(await result(source)).toEqual({ sent: 'Bearer of-the-rule', seen: false });
  });

  test('do not cross to another rule with a redirect', async () => {
    const to = (path: string): string =>
      `const { headers } = await (await fetch(params.base + '/redirect?status=307&to=${path}')).json(); headers.authorization ?? null`;
    expect(await result(to('/keyed'))).toBe('Bearer of-the-rule');
    expect(await result(to('/plain'))).toBeNull();
    // From the rule with the header to one without.
    const from = `await fetch(params.base + '/keyed-redirect', { headers: { authorization: 'Bearer own' } })`;
    expect(await result(`const { headers } = await (${from}).json(); headers.authorization ?? null`)).toBe(
      'Bearer own',
    );
  });
});

describe('a header that comes from a Secret', () => {
  const rules = (): EgressRule[] => [
    {
      name: 'keyed',
      hosts: ['127.0.0.1'],
      schemes: ['http'],
      ports: [server.port],
      headers: [
        { name: 'Authorization', valueFrom: { prefix: 'Bearer ', secretKeyRef: { name: 'api', key: 'token' } } },
      ],
    },
  ];
  const secrets = (token: string | undefined) =>
    new GivenValues({ secrets: { api: token === undefined ? {} : { token } } }).snapshot();
  const echo = `const { headers } = await (await fetch(params.base + '/x')).json(); headers.authorization`;
  const sent = (): unknown => server.seen.at(-1)?.headers.authorization;

  test('has its value at the time of the request, without a line break at its end; what a server repeats is redacted', async () => {
    let values = secrets('first-token-123\n');
    await using keyed = createRuntime({
      pool: { size: 1 },
      egress: { rules: rules() },
      values: { snapshot: () => values },
    });
    const params = { base: `http://127.0.0.1:${server.port}` };
    const outcome = await keyed.execute(
      `${echo}; console.log(headers.authorization); throw new Error(headers.authorization)`,
      { params },
    );
    expect(sent()).toBe('Bearer first-token-123');
    expect(outcome.error?.message).toMatch(/^Error: Bearer \*+$/);
    expect(JSON.stringify(outcome)).not.toContain('first-token');
    values = secrets('second-token-456');
    expect((await keyed.execute(echo, { params })).result).toMatch(/^Bearer \*+$/);
    expect(sent()).toBe('Bearer second-token-456');
    values = secrets(undefined);
    const missing = await keyed.execute(echo, { params });
    expect(missing.error?.cause).toMatchObject({
      message: 'Error: header Authorization of egress rule keyed: key token of Secret api does not exist',
    });
    values = secrets('two\nlines');
    expect((await keyed.execute(echo, { params })).error?.cause?.toString()).not.toContain('lines');
  });
});

describe('connections', () => {
  test('are kept for the next execution of a tenant, and never used for another tenant', async () => {
    const ports = async (tenant: string): Promise<number | undefined> => {
      await run(`await (await fetch(params.base + '/tenant')).text()`, { context: { tenant: { id: tenant } } });
      return server.seen.at(-1)?.clientPort;
    };
    const [first, second, other, third] = [
      await ports('pool-a'),
      await ports('pool-a'),
      await ports('pool-b'),
      await ports('pool-a'),
    ];
    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(other).not.toBe(first);
  });

  test('are not shared by rules', async () => {
    const options = { context: { tenant: { id: 'pool-c' } } };
    await run(`await (await fetch(params.base + '/keyed')).text()`, options);
    const keyed = server.seen.at(-1)?.clientPort;
    await run(`await (await fetch(params.base + '/plain')).text()`, options);
    expect(server.seen.at(-1)?.clientPort).not.toBe(keyed);
  });
});

test('rules that no ScriptRuntime can have are refused when the runtime is made', () => {
  expect(() => createRuntime({ egress: { rules: [{ hosts: ['10.0.0.0/99'] }] } })).toThrow(
    /egress\[0\]\.hosts\[0\] .*CIDR/,
  );
});
