import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BodyBudget } from '../../../../src/gateway/http/body-budget.ts';
import { StreamedBody } from '../../../../src/gateway/http/streamed-body.ts';
import { until } from '../../../support/until.ts';

const MAX = 1 << 20;
const ROOM = 128 << 10;

let server: Server;
let client: Socket;
let request: IncomingMessage;
let response: ServerResponse;

beforeEach(async () => {
  const arrived = new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
    server = createServer((...given) => resolve(given));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  client.write('POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n');
  [request, response] = await arrived;
});
afterEach(() => {
  client.destroy();
  server.close().closeAllConnections();
});

const bodyOf = (budget = new BodyBudget(2 * ROOM), onTooLarge = (): void => {}): StreamedBody =>
  new StreamedBody(request, { maxBytes: MAX, hold: budget.hold('acme'), onTooLarge });

/** Chunks of one byte, which take six on the connection. */
const single = (count: number): string => '1\r\nx\r\n'.repeat(count);

async function bytesOf(body: StreamedBody): Promise<number> {
  let bytes = 0;
  for await (const piece of body) bytes += piece.length;
  return bytes;
}

test.each([
  ['single bytes', `${single(120_000)}0\r\n\r\n`, 120_000],
  ['one chunk', `${MAX.toString(16)}\r\n${'x'.repeat(MAX)}\r\n0\r\n\r\n`, MAX],
])(
  'what has arrived of %s is kept in one piece of memory until that is enough, and read whole',
  async (_, sent, bytes) => {
    const body = bodyOf();
    client.write(sent);
    await until('the connection to be held back', () => request.socket.isPaused());
    const { bytesRead } = request.socket;
    expect(request.readableLength).toBe(0);
    expect(bytesRead).toBeLessThan(sent.length);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([request.readableLength, request.socket.bytesRead]).toEqual([0, bytesRead]);
    expect(await bytesOf(body)).toBe(bytes);
  },
);

test('what arrives after it is closed is dropped', async () => {
  const body = bodyOf();
  client.write(single(120_000));
  await until('the connection to be held back', () => request.socket.isPaused());
  body.close();
  client.write('0\r\n\r\n');
  await until('the rest', () => request.readableEnded);
});

test('a read of a body that is closed fails: it is not the end of the body', async () => {
  const body = bodyOf();
  const reading = bytesOf(body).catch((error: Error) => error.message);
  body.close();
  expect(await reading).toBe('the body is closed');
  await expect(bytesOf(body)).rejects.toThrow('the body is closed');
});

test('a body that is too large ends with an error, also where nothing reads it', async () => {
  let isTooLarge = false;
  const body = new StreamedBody(request, {
    maxBytes: 1000,
    hold: new BodyBudget(2 * ROOM).hold('acme'),
    onTooLarge: () => (isTooLarge = true),
  });
  client.write(single(1001));
  await until('it to be found too large', () => isTooLarge);
  await expect(bytesOf(body)).rejects.toThrow('the body exceeds 1000 bytes');
});

test.each(['before its response', 'after its response'])(
  'a body whose client goes away %s ends with an error',
  async (when) => {
    const reading = bytesOf(bodyOf());
    reading.catch(() => {}); // it is looked at below
    client.write(single(10));
    if (when === 'after its response') {
      response.end('answered');
      await new Promise((resolve) => client.once('data', resolve));
    }
    client.destroy();
    await expect(reading).rejects.toThrow('the body did not arrive whole');
  },
);

test('it takes room while its request is under way, and is refused where there is none', () => {
  const budget = new BodyBudget(3 * ROOM - 1);
  bodyOf(budget);
  expect(() => bodyOf(budget)).toThrow(expect.objectContaining({ code: 429 }));
});
