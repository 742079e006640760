import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ScriptEndpoint } from '../../../src/api/types.generated.ts';
import { endpointAuthentication } from '../../../src/gateway/endpoints/authenticate.ts';
import { EndpointHandler } from '../../../src/gateway/endpoints/endpoint-handler.ts';
import { GatewayServer } from '../../../src/gateway/http/server.ts';
import { madeEndpoint } from '../../support/endpoint.ts';

const UNTRUSTED_MS = 200;
const MAX_CONNECTIONS = 8;
const SECRET = { name: 'shop', key: 'key' };
const BEARER = { type: 'Bearer', bearer: { secretKeyRef: SECRET } };
const WEBHOOK = { type: 'Webhook', webhook: { format: 'GitHub', secretKeyRef: SECRET, toleranceSeconds: 300 } };
const AUTHORIZATION = 'Bearer token';

let server: GatewayServer;
let port: number;
const agent = new Agent({ keepAlive: true });
const sockets: Socket[] = [];

/** Serves an endpoint whose script takes longer than connections have that are not trusted. */
async function serve(auth: object, scriptMs = 3 * UNTRUSTED_MS): Promise<void> {
  const endpoint: ScriptEndpoint = madeEndpoint({ auth });
  const handler = new EndpointHandler({
    executor: {
      execute: async (_execution, _signal, serving) => {
        await sleep(scriptMs);
        const head = { status: 200, statusText: '', headers: [] };
        await serving?.respond({ head, bytes: Buffer.from('done'), isLast: true });
        return { reason: 'Completed', status: {}, waitMs: 0 };
      },
    },
    requests: { checkRecord: () => {}, record: () => undefined },
    authenticate: endpointAuthentication({
      access: { check: async () => ({ username: 'jane' }) as never },
      jwt: { check: async () => ({ username: 'jane' }) },
    }),
    onEnded: () => {},
    tellsErrors: false,
  });
  server = new GatewayServer({
    bounds: { maxConnections: MAX_CONNECTIONS, firstByteMs: 60_000, untrustedMs: UNTRUSTED_MS },
    handle: async (incoming, response, trust) => {
      const { signal } = new AbortController();
      const exchange = { trace: { requestID: 'r-1' }, notes: {}, trust, signal };
      const match = { endpoint, target: incoming.url ?? '/', prefix: '' };
      await handler.handle(match, incoming, response, exchange).catch(() => response.destroy());
    },
  });
  port = await server.listen(0, '127.0.0.1');
}

afterEach(async () => {
  agent.destroy();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.destroy();
  await server.close();
});

/** Sends a request on a connection that is kept. */
async function send(): Promise<{ status: number | undefined; connection: string | undefined; text: string }> {
  const headers = { authorization: AUTHORIZATION, 'content-length': '2' };
  const outgoing = request({ host: '127.0.0.1', port, method: 'POST', headers, agent });
  outgoing.end('{}');
  const [response] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, connection: response.headers.connection, text };
}

const REQUEST = `POST / HTTP/1.1\r\nhost: x\r\nauthorization: ${AUTHORIZATION}\r\ncontent-length: 2\r\n\r\n{}`;

/** A connection on which this is written, and whose answers are read. */
function write(text: string): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  socket.resume().write(text);
  return socket;
}

describe.each([
  ['Bearer', BEARER],
  ['Webhook', WEBHOOK],
  ['None', { type: 'None' }],
  ['Kubernetes', { type: 'Kubernetes' }],
])('a request for an endpoint with auth %s', (type, auth) => {
  test('is answered however long its script takes, on a connection that is kept', async () => {
    await serve(auth);
    expect(await send()).toEqual({ status: 200, connection: 'keep-alive', text: 'done' });
  });

  const isTrusted = type === 'Kubernetes';
  test(`${isTrusted ? 'keeps' : 'gives up'} its connection where new ones need the room`, async () => {
    await serve(auth, 0);
    const kept = write(REQUEST);
    await once(kept, 'data');
    for (let index = 0; index < MAX_CONNECTIONS; index += 1) {
      const other = write(REQUEST);
      await Promise.race([once(other, 'data'), once(other, 'close')]);
    }
    await sleep(50);
    expect(kept.closed).toBe(!isTrusted);
  });
});

test('a request that a Secret is to authenticate has little time for its body', async () => {
  await serve(BEARER);
  await once(write(REQUEST.slice(0, -1)), 'close');
});
