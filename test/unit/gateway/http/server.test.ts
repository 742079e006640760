import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { GatewayServer } from '../../../../src/gateway/http/server.ts';

test('a server that closes waits for what goes on after a response', async () => {
  const rest = Promise.withResolvers<void>();
  let hasEnded = false;
  const server = new GatewayServer({
    handle: async (_request, response) => {
      response.end('answer');
      await rest.promise;
    },
  });
  const port = await server.listen(0, '127.0.0.1');
  try {
    const answer = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
    expect(await answer.text()).toBe('answer');
    const closed = server.close().then(() => {
      hasEnded = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([server.open, hasEnded]).toEqual([1, false]);
    rest.resolve();
    await closed;
    expect(server.open).toBe(0);
  } finally {
    server.destroy();
  }
});

test('a request behind the last response of its connection is not handled', async () => {
  const handled: string[] = [];
  const server = new GatewayServer({
    handle: async (request, response) => {
      handled.push(request.url ?? '');
      response.shouldKeepAlive = false;
      response.end('answer');
    },
  });
  const port = await server.listen(0, '127.0.0.1');
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  try {
    const ended = once(socket, 'end');
    socket.write('POST /first HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n');
    socket.resume();
    await ended;
    const closed = once(socket, 'close');
    socket.on('error', () => {}).end('{}POST /second HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    await closed.catch(() => {});
    await server.close();
    expect(handled).toEqual(['/first']);
  } finally {
    socket.destroy();
    server.destroy();
  }
});
