import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ConnectionBounds, ConnectionGuard } from '../../../src/http/connection-guard.ts';
import type { RestBounds } from '../../../src/http/lingering-close.ts';

/** No time limit is reached unless a test sets one. */
const BOUNDS: ConnectionBounds = {
  maxConnections: 8,
  firstByteMs: 60_000,
  untrustedMs: 60_000,
};
const REST: RestBounds = { maxMs: 60_000, maxSilentMs: 60_000, maxBytes: 64 << 20, maxConnections: 4 };
/** Larger than what the buffers of a connection on loopback take. */
const BODY_BYTES = 24 << 20;
const ANSWER = 'x'.repeat(100_000);

let server: Server;
let guard: ConnectionGuard;
let sockets: Socket[];
/** The server's side of them. */
let accepted: Socket[];
/** What the server has received, in order. */
let heard: string[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

async function serve(rest: Partial<RestBounds> = {}): Promise<void> {
  server = createServer({ requestTimeout: 0, connectionsCheckingInterval: 60_000 });
  guard = new ConnectionGuard(server, BOUNDS, { ...REST, ...rest });
  server.on('connection', (socket) => accepted.push(socket));
  server.on('request', (request, response) => {
    heard.push(request.url ?? '');
    guard.admit(request, response);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

beforeEach(() => {
  [sockets, accepted, heard] = [[], [], []];
  answer = (request, response) => {
    response.shouldKeepAlive = request.headers.connection !== 'close' && request.httpVersion === '1.1';
    response.end(ANSWER);
  };
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A connection on which this is written. It reads nothing yet, and goes on sending after the end of what it reads. */
function write(text: string): Socket {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  sockets.push(socket);
  socket.pause().write(text);
  return socket;
}

/** Resolves when the connection has taken all bytes, or is closed. */
const sent = (socket: Socket, bytes: Buffer): Promise<unknown> =>
  new Promise((resolve) => socket.write(bytes, resolve));

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => void (socket.closed ? resolve() : socket.once('close', () => resolve())));

/** All that the server sends until it ends the connection, and whether it breaks it. */
async function read(socket: Socket): Promise<{ text: string; isBroken: boolean }> {
  let text = '';
  let isBroken = false;
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  socket.once('error', () => (isBroken = true)).once('end', () => socket.end());
  socket.resume();
  await closed(socket);
  return { text, isBroken };
}

const head = (more: string, version = '1.1'): string =>
  `POST / HTTP/${version}\r\nhost: x\r\ncontent-length: ${BODY_BYTES}\r\n${more}\r\n`;

describe('a client that reads the response after it has sent its whole body', () => {
  test.each([
    ['with Connection: close', head('connection: close\r\n')],
    ['of HTTP/1.0', head('', '1.0')],
  ])('gets the whole response that was sent before: %s', async (_, text) => {
    await serve();
    const socket = write(text);
    await sent(socket, Buffer.alloc(BODY_BYTES));
    const { text: received, isBroken } = await read(socket);
    expect(isBroken).toBe(false);
    expect(received.endsWith(ANSWER)).toBe(true);
  });

  test('keeps its connection where it has asked for that', async () => {
    await serve();
    const socket = write(head(''));
    await sent(socket, Buffer.alloc(BODY_BYTES));
    socket.write('GET /next HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const { text } = await read(socket);
    expect(text.split('HTTP/1.1 200 OK')).toHaveLength(3);
    expect(heard).toEqual(['/', '/next']);
  });
});

describe.each([
  ['that is closed', 'connection: close\r\n'],
  ['that is kept', ''],
])('a connection %s, whose client goes on sending after the response', (_, more) => {
  /** Sends the head and the first byte of a body, and reads the response. Returns the server's side too, which tells what the server does. */
  async function answered(): Promise<{ readonly socket: Socket; readonly theirs: Socket }> {
    const socket = write(`${head(more)}x`);
    await once(socket.resume(), 'data');
    return { socket, theirs: accepted.at(-1) as Socket };
  }

  test('is closed after a time, however little it sends', async () => {
    await serve({ maxMs: 200 });
    const { socket, theirs } = await answered();
    const trickle = setInterval(() => socket.write('x'), 10);
    try {
      await closed(theirs);
    } finally {
      clearInterval(trickle);
    }
  });

  test('is closed when it is silent', async () => {
    await serve({ maxSilentMs: 100 });
    await closed((await answered()).theirs);
  });

  test('is closed after a number of bytes', async () => {
    await serve({ maxBytes: 1 << 20 });
    const { socket, theirs } = await answered();
    await sent(socket, Buffer.alloc(BODY_BYTES - 1));
    await closed(theirs);
  });

  test('is closed for another such connection where there are as many as there may be', async () => {
    await serve({ maxConnections: 2 });
    const [first, second, third] = [await answered(), await answered(), await answered()];
    await closed(first.theirs);
    expect([second.theirs.closed, third.theirs.closed]).toEqual([false, false]);
  });

  test('is closed for a new connection where there is no other room', async () => {
    await serve();
    const { theirs } = await answered();
    for (let count = 1; count < BOUNDS.maxConnections; count += 1) await once(write(''), 'connect');
    const newest = write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect((await read(newest)).text.endsWith(ANSWER)).toBe(true);
    await closed(theirs);
  });
});
