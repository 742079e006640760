import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Gateway, type GatewayParts } from '../../../src/gateway/gateway.ts';
import type { RequestHandler } from '../../../src/gateway/http/handler.ts';
import { sendJson } from '../../../src/gateway/http/server.ts';
import { Refusal } from '../../../src/gateway/refusal.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const answering = (text: string): RequestHandler => ({
  handle: async (_request, response) => sendJson(response, 200, JSON.stringify(text)),
});

/** Serves a gateway whose endpoints are given, and gives what bugs it reports. */
async function served(endpoints: Partial<GatewayParts['endpoints']>) {
  const bugs: unknown[] = [];
  const gateway = new Gateway({
    handlers: new Map([['mcp', answering('gateway')]]),
    endpoints: { byHost: () => undefined, byPath: () => undefined, ...endpoints },
    observer: { ended: () => {} },
    onBug: (error) => bugs.push(error),
  });
  const server = createServer((request, response) => void gateway.handle(request, response, () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const send = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, body: await answer.json() };
  };
  return { send, bugs };
}

describe('a request to the gateway', () => {
  test('is refused where its endpoint cannot be found, and by a bug ends nothing', async () => {
    const bug = new Error('a bug');
    for (const [thrown, status, reported] of [
      [new Refusal('BadRequest', 'no'), 400, []],
      [bug, 500, [bug]],
    ] as const) {
      const fails = (): never => {
        throw thrown;
      };
      for (const endpoints of [{ byHost: fails }, { byPath: fails }]) {
        const { send, bugs } = await served(endpoints);
        expect((await send('/acme/shop')).status).toBe(status);
        expect(bugs).toEqual(reported);
      }
    }
  });

  test('for MCP is for the gateway on each host; other paths are for the endpoint that has the host', async () => {
    const { send } = await served({ byHost: () => answering('host'), byPath: () => answering('path') });
    expect((await send('/mcp/acme/shop')).body).toBe('gateway');
    expect((await send('/mcp')).body).toBe('host');
    expect((await send('/acme/shop')).body).toBe('host');
    const other = await served({ byPath: () => answering('path') });
    expect((await other.send('/mcp')).body).toBe('gateway');
    expect((await other.send('/acme/shop')).body).toBe('path');
  });
});
