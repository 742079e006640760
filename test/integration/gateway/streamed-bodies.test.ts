import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { expectAnsweredInParts } from '../../support/answered-in-parts.ts';
import { DuplexRequest } from '../../support/duplex-request.ts';
import { eventually, until } from '../../support/until.ts';
import { LocalGateway } from '../support/local-gateway.ts';

// 64 MiB take a while on a machine whose cores are busy.
jest.setTimeout(120_000);

const endpoint = (name: string, source: string, more = '  auth: { type: None }') => `
apiVersion: copepod.dev/v1alpha1
kind: ScriptEndpoint
metadata: { name: ${name}, namespace: acme }
spec:
  runtimeRef: { name: one }
${more}
  source: |
${source.replace(/^/gm, '    ')}
---`;

const MANIFESTS = `
apiVersion: copepod.dev/v1alpha1
kind: ScriptRuntime
metadata: { name: one, namespace: acme }
spec:
  pool: { size: 1 }
  # Longer than a test: no script ends by its time-out.
  limits: { timeout: 5m, cpuTime: 1m }
---
apiVersion: v1
kind: Secret
metadata: { name: shop, namespace: acme }
stringData: { key: tok-1 }
---
${endpoint('echo', 'export default (request) => new Response(request.body);')}
${endpoint('module', 'export default (request) => new Response(request.body);', '  auth: { type: None }\n  reuse: Module')}
${endpoint('bearer', 'export default (request) => new Response(request.body);', '  auth: { type: Bearer, bearer: { secretKeyRef: { name: shop, key: key } } }')}
${endpoint(
  'webhook',
  'export default (request) => new Response(request.body);',
  '  auth: { type: Webhook, webhook: { format: GitHub, secretKeyRef: { name: shop, key: key } } }',
)}
${endpoint('unread', 'export default () => new Response("not read");')}
${endpoint(
  'first',
  `export default async (request) => {
  const reader = request.body.getReader();
  const { value } = await reader.read();
  return new Response(value);
};`,
)}
${endpoint(
  'length',
  `export default async (request) => {
  let [bytes, parts] = [0, 0];
  for await (const part of request.body ?? []) { bytes += part.length; parts++; }
  return Response.json({ bytes, isStreamed: parts > 1 });
};`,
)}
${endpoint('state', 'export default () => Response.json(1);')}
${endpoint('posts', 'export default () => Response.json(1);', '  auth: { type: None }\n  methods: [POST]')}
${endpoint('shared', 'export default () => Response.json(1);', '  auth: { type: None }\n  cors: { allowOrigins: ["*"] }')}
`;

let directory: string;
let gateway: LocalGateway;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-bodies-'));
  const file = join(directory, 'objects.yaml');
  writeFileSync(file, MANIFESTS);
  gateway = await LocalGateway.start([file]);
}, 60_000);
afterAll(async () => {
  await gateway?.close();
  rmSync(directory, { recursive: true, force: true });
});

const open = (name: string, headers: Record<string, string> = {}): DuplexRequest =>
  new DuplexRequest({ port: gateway.port, path: `/acme/${name}`, headers });
const MEBIBYTE = Buffer.alloc(1 << 20, 'x');

/** The runtime has one VM: it is free when this is answered. */
const vmIsFree = async (): Promise<void> => expect(await gateway.send('/acme/state')).toMatchObject({ status: 200 });

describe('a body that arrives while its script runs', () => {
  test.each(['echo', 'module', 'bearer'])('is answered before its end is sent: %s', async (name) => {
    await expectAnsweredInParts(open(name, name === 'bearer' ? { authorization: 'Bearer tok-1' } : {}));
  });

  test('is not waited for where the script answers before', async () => {
    const request = open('unread');
    expect([(await request.head()).statusCode, await request.text()]).toEqual([200, 'not read']);
    await vmIsFree();
    request.destroy();
  });

  test.each([
    ['of 3 MiB with its length', { 'content-length': String(3 << 20) }],
    ['of 3 MiB in chunks', {}],
  ])('%s is whole', async (_, headers: Record<string, string>) => {
    const request = open('length', headers);
    for (let i = 0; i < 3; i++) request.write(MEBIBYTE);
    request.end();
    expect(await request.text()).toBe(`{"bytes":${3 << 20},"isStreamed":true}`);
  });

  test('is dropped where its script has read a part of it', async () => {
    const request = open('first');
    const filling = (async () => {
      for (let i = 0; i < 60 && (await request.fill(MEBIBYTE)); i++);
    })();
    expect((await request.text()).length).toBeGreaterThan(0);
    request.destroy();
    await filling;
    await vmIsFree();
  });

  test('whose client goes away cancels its script', async () => {
    const request = open('echo');
    request.write('first');
    expect(await request.next()).toBe('first');
    request.destroy();
    await vmIsFree();
  });

  test('is refused where its declared length is too large, and nothing runs', async () => {
    const request = open('echo', { 'content-length': String((64 << 20) + 1) });
    const head = await request.head();
    expect([head.statusCode, JSON.parse(await request.text()).message]).toEqual([
      413,
      'the body exceeds 67108864 bytes',
    ]);
    request.destroy();
  });

  test('that turns out to be too large is refused in the middle, and its script is cancelled', async () => {
    const request = open('length');
    const filling = (async () => {
      for (let i = 0; i < 66 && (await request.fill(MEBIBYTE)); i++);
    })();
    const head = await request.head();
    expect([head.statusCode, JSON.parse(await request.text()).message]).toEqual([
      413,
      'the body exceeds 67108864 bytes; the script was cancelled',
    ]);
    request.destroy();
    await filling;
    await vmIsFree();
  });

  test('that turns out to be too large once its response has begun breaks the connection', async () => {
    const request = open('echo');
    request.write('first');
    expect(await request.next()).toBe('first');
    const reading = request.text().then(
      () => 'whole',
      () => 'broken',
    );
    for (let i = 0; i < 66 && (await request.fill(MEBIBYTE)); i++);
    expect(await reading).toBe('broken');
    await vmIsFree();
  });
});

describe('a body that is there whole', () => {
  test.each([
    ['with its length', { 'content-length': '2' }],
    ['in one chunk that came with the head', { 'transfer-encoding': 'chunked' }],
  ])('%s is given whole', async (_, headers: Record<string, string>) => {
    const raw = 'content-length' in headers ? '{}' : '2\r\n{}\r\n0\r\n\r\n';
    const head = Object.entries({ host: 'localhost', connection: 'close', ...headers });
    const text = `POST /acme/length HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${raw}`;
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write(text);
    let answer = '';
    for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
    expect(answer).toContain('{"bytes":2,"isStreamed":false}');
  });

  test('is that of a webhook, whose signature is checked first', async () => {
    const request = open('webhook', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` });
    request.write('{"event":');
    const answered = request.head().then(({ statusCode }) => statusCode);
    expect(await Promise.race([answered, gateway.send('/acme/state').then(() => 'waits')])).toBe('waits');
    request.write('1}');
    request.end();
    expect(await answered).toBe(401);
  });

  test('of a webhook has at most 1 MiB', async () => {
    const request = open('webhook', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` });
    for (let i = 0; i < 2; i++) request.write(MEBIBYTE);
    request.end();
    expect((await request.head()).statusCode).toBe(413);
    request.destroy();
  });
});

describe('the connection of a body that no script has read', () => {
  // The gateway waits for five seconds, which the rest may miss on a busy machine: then it is tried again.
  test('is kept where the rest comes soon', () => eventually(keepsConnection));

  async function keepsConnection(): Promise<void> {
    const socket = connect(gateway.port, '127.0.0.1').setEncoding('utf8');
    let answers = '';
    socket.on('data', (text: string) => (answers += text)).on('error', () => {});
    socket.write('POST /acme/unread HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n');
    await until('the first answer', () => answers.includes('not read'));
    socket.write('2\r\ncd\r\n0\r\n\r\nGET /acme/state HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    const isOver = (): boolean => socket.closed || answers.split('HTTP/1.1 200').length === 3;
    await until('the second answer', isOver, { why: () => answers });
    socket.destroy();
    expect(answers.split('HTTP/1.1 200').length).toBe(3);
  }

  test('is closed where it does not', async () => {
    const socket = connect(gateway.port, '127.0.0.1').setEncoding('utf8');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    let answer = '';
    socket.on('data', (text: string) => (answer += text)).on('error', () => {});
    socket.write('POST /acme/unread HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n');
    await closed;
    expect(answer.toLowerCase()).toContain('connection: keep-alive');
    expect(answer).toContain('not read');
  });
});

describe('a client that waits to be asked for its body (Expect: 100-continue)', () => {
  /** Sends a head, and the body when it is asked for. */
  async function expecting(name: string, body: Buffer, more: Record<string, string> = {}) {
    const headers = { expect: '100-continue', 'content-length': String(body.length), ...more };
    const path = name.startsWith('/') ? name : `/acme/${name}`;
    const asking = request({ host: '127.0.0.1', port: gateway.port, path, method: 'POST', headers, agent: false });
    let isAsked = false;
    asking.once('continue', () => {
      isAsked = true;
      asking.end(body);
    });
    asking.flushHeaders();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part;
    asking.destroy();
    return { isAsked, status: response.statusCode, text };
  }

  const EXECUTE = '/apis/copepod.dev/v1alpha1/namespaces/acme/scriptruntimes/one/execute';
  const SPEC = JSON.stringify({ source: 'params.length', params: 'x'.repeat(200_000) });

  test.each([
    ['whole', 'length', MEBIBYTE, '{"bytes":1048576,"isStreamed":'],
    ['streamed', 'length', Buffer.alloc(3 << 20), '{"bytes":3145728,"isStreamed":true}'],
    ['of Execute', EXECUTE, Buffer.from(SPEC), '"result":200000'],
  ])('is asked, and answered: a body that is %s', async (_, path, body, answer) => {
    const { isAsked, status, text } = await expecting(path, body, { 'content-type': 'application/json' });
    expect([isAsked, status]).toEqual([true, 200]);
    expect(text).toContain(answer);
  });

  test.each([
    ['is too large', 'echo', { 'content-length': String((64 << 20) + 1) }, 413],
    ['has another type', EXECUTE, { 'content-type': 'text/plain' }, 415],
    ['is for nothing', '/acme/nothing', {}, 404],
    ['is not read by its script', 'unread', { 'content-length': String(2 << 20) }, 200],
    ['has a wrong token', 'bearer', { 'content-length': String(2 << 20), authorization: 'Bearer wrong' }, 401],
  ])('is answered at once where the body %s', async (_, path, headers: Record<string, string>, status) => {
    expect(await expecting(path, MEBIBYTE, headers)).toMatchObject({ isAsked: false, status });
  });
});

test('a client that sends its whole body before it reads, on a connection that is to be closed, gets an early refusal whole', async () => {
  const length = (64 << 20) + 1;
  const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true }).pause();
  let isBroken = false;
  socket.on('error', () => (isBroken = true));
  socket.write(`POST /acme/echo HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`);
  for (let i = 0; i < 12 && !isBroken; i++) await new Promise((resolve) => socket.write(MEBIBYTE, resolve));
  let answer = '';
  for await (const part of socket.setEncoding('utf8')) answer += part;
  socket.destroy();
  expect([isBroken, answer.split('\r\n')[0]]).toEqual([false, 'HTTP/1.1 413 Payload Too Large']);
  expect(answer).toContain('the body exceeds 67108864 bytes');
});

test('a body that nobody reads trickles in for some time, not for ever', async () => {
  const requests = [
    ['OPTIONS', 'shared', 'origin: https://a.example\r\naccess-control-request-method: POST\r\n'],
    ['GET', 'state', ''],
    ['HEAD', 'state', ''],
    ['PUT', 'posts', ''],
  ].map(async ([method, name, more]) => {
    const socket = connect(gateway.port, '127.0.0.1').on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    socket.write(`${method} /acme/${name} HTTP/1.1\r\nhost: localhost\r\n${more}content-length: 2000000\r\n\r\n`);
    const trickle = setInterval(() => socket.write('x'), 100);
    await closed.finally(() => clearInterval(trickle));
  });
  await Promise.all(requests);
});
