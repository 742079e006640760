import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fetchKeySet } from '../../../src/gateway/access/key-sets.ts';

const SET = '{"keys":[]}';
const TRUSTED = new Set(['127.0.0.1']);
const sockets = new Set<Socket>();
let server: Server | undefined;

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
  server = undefined;
});

/** The address of a server that answers with these bytes, whatever it is asked. */
async function answering(text: string, { ends = true } = {}): Promise<URL> {
  const listening = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('data', () => (ends ? socket.end(text) : socket.write(text)));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as { port: number };
  return new URL(`http://127.0.0.1:${port}/keys`);
}

const answer = (status: string, body = '', headers = `Content-Length: ${body.length}\r\n`): string =>
  `HTTP/1.1 ${status}\r\n${headers}\r\n${body}`;

describe('a key set', () => {
  test('is read, also after hints', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(3);
    const read = await fetchKeySet(await answering(hints + answer('200 OK', SET)), TRUSTED);
    expect([read.status, await read.text()]).toEqual([200, SET]);
  });

  test.each([
    ['204 No Content', 'Content-Type: text/plain\r\n', /status 204/],
    ['205 Reset Content', 'Content-Length: 0\r\n', /status 205/],
    ['302 Found', 'Location: /other\r\nContent-Length: 0\r\n', /status 302/],
    ['304 Not Modified', 'ETag: "a"\r\n', /status 304/],
    ['500 Internal Server Error', 'Content-Length: 0\r\n', /status 500/],
    ['700 Whatever', 'Content-Length: 0\r\n', /status 700/],
    ['999 Whatever', 'Content-Length: 0\r\n', /status 999/],
    ['101 Switching Protocols', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', /without an answer/],
  ])('is not read from an answer with %s', async (status, headers, message) => {
    const url = await answering(answer(status, '', headers), { ends: false });
    await expect(fetchKeySet(url, TRUSTED)).rejects.toThrow(message);
  });

  test.each([
    ['an answer that is cut off', answer('200 OK', SET, 'Content-Length: 100\r\n')],
    ['a connection that closes', ''],
    ['what is not HTTP', 'hello\r\n\r\n'],
    ['hints alone', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('is not read from %s', async (_, text) => {
    await expect(fetchKeySet(await answering(text), TRUSTED)).rejects.toThrow();
  });

  test('is not read where it is too long', async () => {
    const long = ' '.repeat(300_000);
    await expect(fetchKeySet(await answering(answer('200 OK', long)), TRUSTED)).rejects.toThrow(/more than \d+ bytes/);
  });

  test.each([
    ['http://127.0.0.1/', /https alone/],
    ['https://127.0.0.1/', /loopback/],
    ['https://[::1]/', /loopback/],
    ['https://10.1.2.3/', /private/],
  ])('is not read from %s unless its host is trusted', async (url, message) => {
    await expect(fetchKeySet(new URL(url), new Set())).rejects.toThrow(message);
  });
});
