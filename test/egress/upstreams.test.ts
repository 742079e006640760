/** How requests reach servers: the version of HTTP that is spoken, and proxies. */
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { certificateFor } from './support/certificate.ts';
import { Client } from './support/client.ts';
import { type LocalServer, localServer } from './support/server.ts';

const HOST = 'api.example.test';
const tls = certificateFor(HOST);
const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];

let modern: LocalServer;
let old: LocalServer;
let proxy: Proxy;

beforeAll(async () => {
  const answer: Parameters<typeof localServer>[0] = ({ httpVersion, body, headers }, response) =>
    response.end(JSON.stringify([httpVersion, headers['x-key'], body]));
  modern = await localServer(answer, { tls });
  old = await localServer(answer, { tls: { ...tls, version: '1.1' } });
  proxy = await connectProxy();
});
afterAll(() => Promise.all([modern, old, proxy].map((each) => each?.close())));

const clientFor = (...servers: LocalServer[]): Client =>
  new Client({
    ca: tls.cert,
    resolve: async () => ['127.0.0.1'],
    rules: [
      {
        hosts: [HOST, '*.example.test', '127.0.0.0/8'],
        ports: servers.map(({ port }) => port),
        headers: [{ name: 'x-key', value: 'of-the-rule' }],
      },
    ],
  });

describe('a server that speaks HTTP/2', () => {
  test('gets it, with headers of the rule and a body, over one connection', async () => {
    const client = clientFor(modern);
    const ports = new Set<number>();
    for (const content of ['one', 'two', 'three']) {
      const { text } = await client.fetch(`https://${HOST}:${modern.port}/`, { method: 'POST', content });
      expect(JSON.parse(text)).toEqual(['2.0', 'of-the-rule', content]);
      ports.add(modern.seen.at(-1)?.clientPort as number);
    }
    expect(ports.size).toBe(1);
    await client.close();
  });

  test('and is not the one of the certificate is refused', async () => {
    const client = clientFor(modern);
    const { error } = await client.fetch(`https://other.example.test:${modern.port}/`);
    expect(error).toBe('the certificate of the server is for other hosts');
    await client.close();
  });
});

test('a server that speaks HTTP/1.1 over TLS gets it', async () => {
  const client = clientFor(old);
  const { text } = await client.fetch(`https://${HOST}:${old.port}/`);
  expect(JSON.parse(text)[0]).toBe('1.1');
  await client.close();
});

describe('a proxy for https', () => {
  const before = Object.fromEntries(PROXIES.map((name) => [name, process.env[name]]));
  beforeEach(() => {
    for (const name of PROXIES) process.env[name] = '';
    process.env.HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    proxy.asked.length = 0;
  });
  afterAll(() => {
    for (const name of PROXIES) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  test('gets CONNECT with the name of the host, and sees nothing of the request', async () => {
    const client = clientFor(modern, old);
    for (const { port } of [modern, old]) {
      const { text } = await client.fetch(`https://${HOST}:${port}/`, { method: 'POST', content: 'a-body' });
      expect(JSON.parse(text).slice(1)).toEqual(['of-the-rule', 'a-body']);
    }
    expect(proxy.asked).toEqual([`${HOST}:${modern.port}`, `${HOST}:${old.port}`]);
    expect(proxy.passed()).not.toContain('of-the-rule');
    await client.close();
  });

  test('cannot stand in for the server: the certificate is that of the host', async () => {
    const client = clientFor(modern);
    const { error } = await client.fetch(`https://other.example.test:${modern.port}/`);
    expect(error).toBe('the certificate of the server is for other hosts');
    await client.close();
  });

  test('is asked for nothing that no rule allows', async () => {
    const client = clientFor(modern);
    const { error } = await client.fetch(`https://elsewhere.example:${modern.port}/`);
    expect(error).toContain('no egress rule allows');
    expect(proxy.asked).toEqual([]);
    await client.close();
  });

  test('that refuses makes the request fail', async () => {
    const client = clientFor(modern);
    const { error } = await client.fetch(`https://refused.example.test:${modern.port}/`);
    expect(error).toBe('the proxy refuses the connection: it answered 403');
    await client.close();
  });

  test('is left out for hosts of NO_PROXY', async () => {
    process.env.NO_PROXY = HOST;
    const client = clientFor(modern);
    expect(JSON.parse((await client.fetch(`https://${HOST}:${modern.port}/`)).text)[1]).toBe('of-the-rule');
    expect(proxy.asked).toEqual([]);
    await client.close();
  });
});

interface Proxy {
  readonly port: number;
  /** What CONNECT has asked for. */
  readonly asked: string[];
  /** The bytes that went through it. */
  passed(): string;
  close(): Promise<void>;
}

/** A proxy whose tunnels all lead to loopback, and which refuses one host. */
async function connectProxy(): Promise<Proxy> {
  const asked: string[] = [];
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(400).end());
  server.on('connect', ({ url = '' }, socket: Socket) => {
    asked.push(url);
    if (url.startsWith('refused.')) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const upstream = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.pipe(upstream).pipe(socket);
    });
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on('error', () => {});
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    passed: () => Buffer.concat(chunks).toString('latin1'),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
