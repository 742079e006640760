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
