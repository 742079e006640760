import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, type FetchOptions } from './support/client.ts';
import { type LocalServer, localServer, rawServer } from './support/server.ts';

/** Serves what the rules allow: 127.0.0.1, and names that the test's resolver gives that address. */
let allowed: LocalServer;
/** Is on the same port of another loopback address, and must never get a request. */
let forbidden: LocalServer;
let client: Client;
/** What the resolver answers to a name, in turn. */
const answers = new Map<string, string[][]>();
const asked: string[] = [];

const resolve = async (hostname: string): Promise<string[]> => {
  asked.push(hostname);
  const turns = answers.get(hostname) ?? [];
  const answer = turns.length > 1 ? turns.shift() : turns[0];
  if (answer === undefined) throw Object.assign(new Error(`no ${hostname}`), { code: 'ENOTFOUND' });
  return answer;
};

beforeAll(async () => {
  allowed = await localServer(({ url, headers, method, body }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    switch (pathname) {
      case '/redirect':
        response
          .writeHead(Number(searchParams.get('status') ?? 302), {
            location: Buffer.from(searchParams.get('to') ?? '').toString('latin1'),
          })
          .end();
        break;
      case '/echo':
        response.end(JSON.stringify({ headers, method, body }));
        break;
      default:
        response.end('allowed');
    }
  });
  forbidden = await localServer((_, response) => response.end('forbidden'), { host: '127.0.0.2', port: allowed.port });
  const ports = [allowed.port];
  client = new Client({
    resolve,
    rules: [
      {
        name: 'local',
        hosts: ['127.0.0.1', 'api.example.test', '*.shop.example.test'],
        schemes: ['http'],
        ports,
        methods: ['GET', 'POST'],
        paths: ['/v1/*', '/redirect', '/echo'],
      },
      { name: 'public', hosts: ['*'], schemes: ['http'], ports },
    ],
  });
  answers.set('api.example.test', [['127.0.0.1']]);
  answers.set('a.shop.example.test', [['127.0.0.1']]);
  answers.set('localhost', [['127.0.0.2']]);
});

afterAll(async () => {
  await client.close();
  await Promise.all([allowed.close(), forbidden.close()]);
});

const at = (host: string, path = '/v1/x'): string => `http://${host}:${allowed.port}${path}`;

/** Hosts that are, or lead to, the forbidden address or another that is not named. */
const FORBIDDEN_HOSTS: [string, string][] = [
  ['another loopback address', '127.0.0.2'],
  ['hexadecimal', '0x7f000002'],
  ['a decimal number', '2130706434'],
  ['octal', '0177.0.0.02'],
  ['an octal number', '017700000002'],
  ['hexadecimal parts', '0x7f.0x0.0x0.0x2'],
  ['two parts', '127.2'],
  ['three parts', '127.0.2'],
  ['parts in mixed bases', '0x7f.0.02'],
  ['full-width digits', '１２７.０.０.２'],
  ['ideographic full stops', '127。0。0。2'],
  ['percent-encoded digits', '%31%32%37.0.0.2'],
  ['circled digits', '①②⑦.⓪.⓪.②'],
  ['a trailing dot', '127.0.0.2.'],
  ['IPv4-mapped IPv6', '[::ffff:127.0.0.2]'],
  ['IPv4-mapped IPv6 in hexadecimal', '[::ffff:7f00:2]'],
  ['IPv4-mapped IPv6 in full', '[0000:0000:0000:0000:0000:ffff:7f00:0002]'],
  ['IPv4-compatible IPv6', '[::127.0.0.2]'],
  ['NAT64', '[64:ff9b::7f00:2]'],
  ['6to4', '[2002:7f00:2::]'],
  ['IPv6 loopback', '[::1]'],
  ['IPv6 loopback in full', '[0:0:0:0:0:0:0:1]'],
  ['the unspecified address', '0.0.0.0'],
  ['zero', '0'],
  ['the unspecified IPv6 address', '[::]'],
  ['link-local', '169.254.1.1'],
  ['the metadata service', '169.254.169.254'],
  ['the metadata service as a number', '2852039166'],
  ['the metadata service on IPv6', '[fd00:ec2::254]'],
  ['a private address', '10.0.0.1'],
  ['unique-local IPv6', '[fd12::1]'],
  ['multicast', '224.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['localhost', 'localhost'],
  ['localhost in capitals', 'LOCALHOST'],
  ['localhost with a trailing dot', 'localhost.'],
  ['an allowed name in front of another', 'api.example.test.evil.example'],
  ['an allowed name with a trailing dot', 'api.example.test.'],
  ['a name that only ends like an allowed one', 'evilapi.example.test'],
  ['the parent of a wildcard', 'shop.example.test'],
  ['a homograph, which is punycode', 'аpi.example.test'],
];

const REFUSED =
  /no egress rule allows|must also name it by IP or CIDR|no address|URL is invalid|credentials|invalid Location/;

/** Nothing reached the forbidden server, and the script got nothing. */
async function expectRefused(url: string, options?: FetchOptions): Promise<void> {
  const { error, text, status } = await client.fetch(url, options);
  expect({ error, text, status }).toEqual({ error: expect.stringMatching(REFUSED), text: '', status: undefined });
  expect(forbidden.seen).toEqual([]);
}

describe('hosts that no rule names', () => {
  test.each(FORBIDDEN_HOSTS)('%s: %s', async (_, host) => expectRefused(at(host)));
});

describe('redirects to hosts that no rule names', () => {
  test.each(FORBIDDEN_HOSTS)('%s: %s', async (_, host) => {
    await expectRefused(at('127.0.0.1', `/redirect?to=${encodeURIComponent(at(host))}`));
  });
});

describe('other URLs that no rule allows', () => {
  test.each([
    ['a user in front of the host', (port: number) => `http://127.0.0.1:${port}@127.0.0.2:${port}/v1/x`],
    ['credentials for an allowed host', (port: number) => `http://user:word@127.0.0.1:${port}/v1/x`],
    ['an @ that is encoded', (port: number) => `http://127.0.0.1%40127.0.0.2:${port}/v1/x`],
    ['a backslash', (port: number) => `http://127.0.0.2:${port}\\@127.0.0.1:${port}/v1/x`],
    ['a line break', (port: number) => `http://127.0.0.2\r\n:${port}/v1/x`],
    ['another port', (port: number) => `http://127.0.0.1:${port === 1 ? 2 : 1}/v1/x`],
    ['another scheme', (port: number) => `https://127.0.0.1:${port}/v1/x`],
    ['a zone', (port: number) => `http://[fe80::1%25eth0]:${port}/`],
    ['file', () => 'file:///etc/hostname'],
    ['ftp', () => 'ftp://127.0.0.1/'],
    ['no URL', () => 'http://'],
  ])('%s', async (_, url) => {
    const { error, text } = await client.fetch(url(allowed.port));
    expect({ error, text }).toEqual({
      error: expect.stringMatching(/not supported|invalid|credentials|no egress rule|by IP or CIDR/),
      text: '',
    });
    expect(forbidden.seen).toEqual([]);
  });

  test.each([
    ['a path', '/v2/x', {}],
    ['a path with an encoded slash and dots', '/v1/..%2fadmin', {}],
    ['a path with dots that the parser resolves', '/v1/%2e%2e/admin', {}],
    ['a method', '/v1/x', { method: 'DELETE' }],
  ])('%s', async (_, path, options) => {
    const before = allowed.seen.length;
    // The second rule allows any path and method, of hosts with a public address.
    await expectRefused(at('127.0.0.1', path), options);
    expect(allowed.seen).toHaveLength(before);
  });
});

describe('names whose addresses change or are not allowed', () => {
  test.each([
    ['127.0.0.2'],
    ['10.0.0.1'],
    ['172.16.0.1'],
    ['192.168.0.1'],
    ['169.254.169.254'],
    ['100.64.0.1'],
    ['0.0.0.0'],
    ['::1'],
    ['::'],
    ['::ffff:127.0.0.2'],
    ['64:ff9b::7f00:2'],
    ['fe80::1'],
    ['fd00::1'],
    ['ff02::1'],
    ['224.0.0.1'],
  ])('a name that resolves to %s', async (address) => {
    answers.set('rebound.example.test', [[address]]);
    await expectRefused(at('rebound.example.test'));
    answers.set('api.example.test', [[address]]);
    await expectRefused(at('api.example.test'));
    answers.set('api.example.test', [['127.0.0.1']]);
  });

  test('is resolved once for each connection, and the connection goes to what was judged', async () => {
    answers.set('turning.shop.example.test', [['127.0.0.1'], ['127.0.0.2']]);
    asked.length = 0;
    expect(await client.fetch(at('turning.shop.example.test'), { tenant: 'turning' })).toMatchObject({
      text: 'allowed',
    });
    expect(asked).toEqual(['turning.shop.example.test']);
    expect(forbidden.seen).toEqual([]);
  });

  test('of several addresses only the allowed ones are tried', async () => {
    answers.set('both.shop.example.test', [['127.0.0.2', '127.0.0.1', '10.0.0.1']]);
    expect(await client.fetch(at('both.shop.example.test'))).toMatchObject({ text: 'allowed' });
    expect(forbidden.seen).toEqual([]);
  });

  test('a name that changes between a request and its redirect', async () => {
    answers.set('change.shop.example.test', [['127.0.0.1'], ['127.0.0.2']]);
    const to = encodeURIComponent(`http://change.shop.example.test:${allowed.port}/v1/x`);
    // A redirect to the same origin uses the connection that was judged.
    const { text } = await client.fetch(at('change.shop.example.test', `/redirect?to=${to}`), { tenant: 'change' });
    expect(['allowed', '']).toContain(text);
    expect(forbidden.seen).toEqual([]);
  });
});

describe('header injection', () => {
  test.each([
    ['a line break in a value', [['x-a', 'a\r\nx-injected: 1']]],
    ['a bare line feed in a value', [['x-a', 'a\nx-injected: 1']]],
    ['a line break in a name', [['x-a\r\nx-injected', '1']]],
    ['a character that would be cut to a line break', [['x-a', 'a\u560d\u560ax-injected: 1']]],
    ['a pseudo header', [[':authority', 'other']]],
  ] as [string, [string, string][]][])('%s is refused', async (_, headers) => {
    const before = allowed.seen.length;
    expect(await client.fetch(at('127.0.0.1', '/echo'), { headers })).toMatchObject({
      error: expect.stringMatching(/invalid/),
    });
    expect(allowed.seen).toHaveLength(before);
  });

  test.each(['GET / HTTP/1.1\r\nx:', 'GE T', 'get\n', '', 'CONNECT', 'TRACE', 'track'])(
    'the method %j is not sent',
    async (method) => {
      const before = allowed.seen.length;
      expect(await client.fetch(at('127.0.0.1', '/echo'), { method })).toMatchObject({
        error: expect.stringMatching(/method|no egress rule/),
      });
      expect(allowed.seen).toHaveLength(before);
    },
  );

  test.each([
    ['host', 'other.example'],
    ['content-length', '3'],
    ['transfer-encoding', 'chunked'],
    ['connection', 'x-own'],
    ['upgrade', 'h2c'],
    ['expect', '100-continue'],
    ['proxy-authorization', 'Basic eDp5'],
  ])('a script cannot set %s', async (name, value) => {
    const { text } = await client.fetch(at('127.0.0.1', '/echo'), {
      headers: [[name, value]],
      method: 'POST',
      content: 'a body',
    });
    const { headers, body } = JSON.parse(text) as { headers: Record<string, string>; body: string };
    expect(body).toBe('a body');
    expect(headers[name]).not.toBe(value);
  });

  test('a path cannot end the head of a request', async () => {
    const { text } = await client.fetch(at('127.0.0.1', '/echo?a=%0d%0aX-Injected:1\r\nX-Other: 1'));
    expect(JSON.parse(text)).not.toHaveProperty('headers.x-injected');
    expect(JSON.parse(text)).not.toHaveProperty('headers.x-other');
  });
});

describe('servers that misbehave', () => {
  const servers: LocalServer[] = [];
  const spoken = async (speak: Parameters<typeof rawServer>[0]): Promise<Client> => {
    const server = await rawServer(speak);
    servers.push(server);
    return new Client({ rules: [{ hosts: ['127.0.0.1'], schemes: ['http'], ports: [server.port] }] });
  };
  const ask = async (speak: Parameters<typeof rawServer>[0], options?: FetchOptions) => {
    const asking = await spoken(speak);
    try {
      return await asking.fetch(`http://127.0.0.1:${servers.at(-1)?.port}/`, options);
    } finally {
      await asking.close();
    }
  };
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  test.each([
    [
      'Content-Length and Transfer-Encoding',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two different Content-Lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a Content-Length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\na'],
    ['a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nx: a\0b\r\nContent-Length: 0\r\n\r\n'],
    ['no HTTP', 'SSH-2.0-Other\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'x-a: a\r\n'.repeat(20_000)}`],
    ['a body that ends early', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
    ['an empty answer', ''],
  ])('%s is an error', async (_, text) => {
    const { error } = await ask((socket) => socket.end(text, 'latin1'));
    expect(error).toMatch(/./);
  });

  test('what follows an answer belongs to no other one', async () => {
    const both = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
    const asking = await spoken((socket) => socket.write(both));
    const url = `http://127.0.0.1:${servers.at(-1)?.port}/`;
    const texts = [await asking.fetch(url), await asking.fetch(url)].map(({ text }) => text);
    await asking.close();
    expect(texts).toEqual(['ok', 'ok']);
  });

  test('an endless body ends at limits.fetchBytes', async () => {
    const { exceeded, text } = await ask(
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const more = (): void => {
          if (socket.destroyed) return;
          socket.write('x'.repeat(65_536));
          setImmediate(more);
        };
        more();
      },
      { maxBytes: 300_000 },
    );
    expect(exceeded).toBe(true);
    expect(text.length).toBeLessThanOrEqual(300_000);
  });

  test('a body that nobody reads is held back', async () => {
    let written = 0;
    const { usage } = await ask(
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const more = (): void => {
          if (socket.destroyed || written > 64 << 20) return;
          written += 65_536;
          if (socket.write('x'.repeat(65_536))) setImmediate(more);
          else socket.once('drain', more);
        };
        more();
      },
      { maxBytes: 1 << 30, abandons: true },
    );
    expect(usage.fetchBytesReceived).toBeLessThan(1 << 20);
  });

  test.each([
    ['gzip', (data: Buffer) => gzipSync(data)],
    ['br', (data: Buffer) => brotliCompressSync(data)],
    ['zstd', (data: Buffer) => zstdCompressSync(data)],
    ['gzip, gzip', (data: Buffer) => gzipSync(gzipSync(data))],
  ])('a decompression bomb of %s ends at limits.fetchBytes', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(64 << 20));
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${bomb.length}\r\n\r\n`;
    const { exceeded, usage } = await ask((socket) => socket.end(Buffer.concat([Buffer.from(head), bomb])));
    expect(exceeded).toBe(true);
    expect(usage.fetchBytesReceived).toBeLessThan(4 << 20);
  });

  test('more encodings than anybody needs are an error', async () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${'gzip, '.repeat(50)}gzip\r\nContent-Length: 1\r\n\r\nx`;
    expect((await ask((socket) => socket.end(head))).error).toMatch(/more than 3 content encodings/);
  });

  test('a body that is not what its encoding says is an error', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc';
    expect((await ask((socket) => socket.end(head))).error).toMatch(/cannot be decompressed/);
  });

  test('redirects without end are an error', async () => {
    const { error, usage } = await client.fetch(at('127.0.0.1', '/redirect?to=%3Fto%3D'), {});
    expect(error ?? 'ended').toMatch(/redirects|ended/);
    expect(usage.fetches).toBeLessThanOrEqual(21);
    const loop = await ask((socket) =>
      socket.end('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
    );
    expect(loop).toMatchObject({ error: 'more than 20 redirects', usage: { fetches: 21 } });
  });
});

describe('what is allowed works', () => {
  test.each([
    ['an address', '127.0.0.1'],
    ['the same address as a number', '2130706433'],
    ['the same address in hexadecimal', '0x7f.1'],
    ['a name', 'api.example.test'],
    ['a name in capitals', 'API.Example.TEST'],
    ['a name below a wildcard', 'a.shop.example.test'],
  ])('%s', async (_, host) => {
    expect(await client.fetch(at(host))).toMatchObject({ status: 200, text: 'allowed', redirected: false });
  });

  test('a redirect to what is allowed', async () => {
    const to = encodeURIComponent(at('api.example.test', '/v1/y'));
    const fetched = await client.fetch(at('127.0.0.1', `/redirect?to=${to}`));
    expect(fetched).toMatchObject({ text: 'allowed', redirected: true, url: at('api.example.test', '/v1/y') });
    expect(fetched.reports).toMatchObject([
      { rule: 'local', outcome: '3xx', status: 302, url: at('127.0.0.1', '/redirect') },
      { rule: 'local', outcome: '2xx', status: 200, bytesReceived: 7 },
    ]);
  });
});
