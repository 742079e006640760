import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ConnectionBounds, ConnectionGuard } from '../../../src/http/connection-guard.ts';
import { askForBody } from '../../../src/http/expect-continue.ts';

const BOUNDS: ConnectionBounds = { maxConnections: 8, firstByteMs: 60_000, untrustedMs: 60_000 };

let server: Server;
let port: number;
let sockets: Socket[];
/** Requests received by the server. */
let heard: number;

async function serve(bounds: Partial<ConnectionBounds> = {}): Promise<void> {
  server = createServer({ connectionsCheckingInterval: 60_000 });
  const guard = new ConnectionGuard(server, { ...BOUNDS, ...bounds });
  server.on('request', (incoming, response) => {
    heard += 1;
    if (incoming.headers.authorization === 'known') guard.trust(incoming, response);
    if (incoming.headers.authorization === 'anybody') guard.admit(incoming, response);
    if (incoming.url === '/read') {
      askForBody(incoming);
      incoming.setEncoding('utf8').once('data', (text: string) => response.end(text));
      return;
    }
    const delayMs = incoming.url === '/slow' ? 300 : 0;
    setTimeout(() => response.end(incoming.url === '/large' ? Buffer.alloc(32 << 20) : 'ok'), delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
}

beforeEach(() => {
  [sockets, heard] = [[], 0];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Opens a connection, sends this, and waits until the server has received it. */
async function open(text = ''): Promise<Socket> {
  const accepted = once(server, 'connection');
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.push(socket);
  const [theirs] = (await accepted) as [Socket];
  if (text === '') return socket;
  socket.write(text);
  while (theirs.bytesRead < Buffer.byteLength(text)) await new Promise(setImmediate);
  return socket;
}

/** The response of the server until it closes the connection. */
async function answerOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text;
}

function get(path = '/'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

const closed = (socket: Socket): Promise<unknown> => once(socket.resume(), 'close');

describe('at the maximum number of connections', () => {
  test('a request is answered despite idle connections', async () => {
    await serve();
    for (let index = 0; index < 3 * BOUNDS.maxConnections; index += 1) await open();
    expect(await get()).toBe(200);
  });

  test('the oldest idle connection is closed first', async () => {
    await serve();
    const talking = await open('GET / HTTP/1.1\r\nhost: x\r\n');
    const oldest = await open();
    const rest: Socket[] = [];
    for (let index = 2; index < BOUNDS.maxConnections; index += 1) rest.push(await open());
    const gone = closed(oldest);
    await open();
    await gone;
    expect([talking, ...rest].map(({ closed }) => closed)).toEqual(rest.concat(talking).map(() => false));
  });

  test('the oldest connection is closed if none is idle', async () => {
    await serve();
    const oldest = await open('GET / HTTP/1.1\r\n');
    for (let index = 1; index < BOUNDS.maxConnections; index += 1) await open('GET / HTTP/1.1\r\n');
    const gone = closed(oldest);
    await open('GET / HTTP/1.1\r\n');
    await gone;
  });

  test('a trusted connection stays open', async () => {
    await serve();
    const known = await open('GET / HTTP/1.1\r\nhost: x\r\nauthorization: known\r\n\r\n');
    await once(known, 'data');
    for (let index = 0; index < 3 * BOUNDS.maxConnections; index += 1) await open();
    known.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(String(await once(known, 'data'))).toMatch(/^HTTP\/1.1 200/);
  });
});

test('with only trusted connections, a new connection is closed', async () => {
  await serve();
  for (let index = 0; index < BOUNDS.maxConnections; index += 1) {
    await once(await open('GET / HTTP/1.1\r\nhost: x\r\nauthorization: known\r\n\r\n'), 'data');
  }
  await closed(await open());
});

const ADMITTED = 'GET / HTTP/1.1\r\nhost: x\r\nauthorization: anybody\r\n\r\n';

describe('an admitted connection', () => {
  /** Opens connections that stay open after an admitted request. */
  async function admitted(count: number): Promise<Socket[]> {
    const opened: Socket[] = [];
    for (let index = 0; index < count; index += 1) {
      const socket = await open(ADMITTED);
      await once(socket, 'data');
      opened.push(socket);
    }
    return opened;
  }

  test('gets answers for as long as they take, and stays open', async () => {
    await serve({ untrustedMs: 100 });
    const socket = await open(ADMITTED.replace('/ ', '/slow '));
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 200.*connection: keep-alive/is);
    socket.write(ADMITTED);
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 200/);
  });

  test('is closed for a new one where all are admitted: the one whose last request is the oldest', async () => {
    await serve();
    const [first, second, ...rest] = (await admitted(BOUNDS.maxConnections)) as [Socket, Socket, ...Socket[]];
    first.write(ADMITTED);
    await once(first, 'data');
    const gone = closed(second);
    expect(await get()).toBe(200);
    await gone;
    expect([first, ...rest].every(({ closed }) => !closed)).toBe(true);
  });

  test('is closed after untrusted ones', async () => {
    await serve();
    const kept = await admitted(BOUNDS.maxConnections / 2);
    const oldest = await open('GET / HTTP/1.1\r\n');
    for (let index = 1; index < BOUNDS.maxConnections / 2; index += 1) await open('GET / HTTP/1.1\r\n');
    const gone = closed(oldest);
    await open();
    await gone;
    expect(kept.every(({ closed }) => !closed)).toBe(true);
  });

  test('is closed before one that is about to authenticate, if there are more than half of them', async () => {
    await serve();
    const [first, ...rest] = (await admitted(BOUNDS.maxConnections - 2)) as [Socket, ...Socket[]];
    const talking = await open('GET / HTTP/1.1\r\n');
    const silent = await open();
    const silentGone = closed(silent);
    await open('GET / HTTP/1.1\r\n');
    await silentGone;
    const firstGone = closed(first);
    await open();
    await firstGone;
    expect([talking, ...rest].every(({ closed }) => !closed)).toBe(true);
  });

  test('is trusted once a request on it is authenticated, and stays so', async () => {
    await serve();
    const known = await open(ADMITTED);
    await once(known, 'data');
    for (const authorization of ['known', 'anybody']) {
      known.write(ADMITTED.replace('anybody', authorization));
      await once(known, 'data');
    }
    await admitted(2 * BOUNDS.maxConnections);
    expect(known.closed).toBe(false);
  });
});

describe('an untrusted connection', () => {
  test('that sends nothing is closed', async () => {
    await serve({ firstByteMs: 50 });
    await closed(await open());
  });

  test('that never completes its request is closed', async () => {
    await serve({ untrustedMs: 100 });
    await closed(await open('GET / HTTP/1.1\r\nx: '));
  });

  test('that does not read its response is closed', async () => {
    await serve({ untrustedMs: 500 });
    const socket = await open();
    const gone = once(server, 'connection').then(([theirs]) => once(theirs as Socket, 'close'));
    const reader = connect(port, '127.0.0.1').pause();
    sockets.push(reader, socket);
    reader.on('error', () => {});
    reader.write('GET /large HTTP/1.1\r\nhost: x\r\n\r\n');
    await gone;
  });

  test('gets one response, and is closed', async () => {
    await serve();
    const socket = await open('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await answerOf(socket)).toMatch(/^HTTP\/1.1 200.*connection: close/is);
  });

  test('that expects what no server knows is answered, and is closed', async () => {
    await serve();
    const socket = await open('POST / HTTP/1.1\r\nhost: x\r\nexpect: a-miracle\r\ncontent-length: 5\r\n\r\n');
    expect(await answerOf(socket)).toMatch(/^HTTP\/1.1 417/);
    expect(heard).toBe(0);
  });
});

describe('a client that expects 100-continue', () => {
  const HEAD = 'POST /read HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n';

  test('is asked for its body when that is read, and its connection stays open', async () => {
    await serve();
    const socket = await open(`${HEAD}authorization: known\r\n\r\n`);
    expect(String(await once(socket, 'data'))).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('whole');
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 200.*connection: keep-alive.*whole$/is);
  });

  test('gets a response at once where its body is not read, and its connection is closed', async () => {
    await serve();
    const socket = await open(`${HEAD.replace('/read', '/')}authorization: known\r\n\r\n`);
    socket.once('end', () => socket.end());
    expect(await answerOf(socket)).toMatch(/^HTTP\/1.1 200.*connection: close/is);
  });
});
