import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { portOf, serveProbes } from '../../../src/cluster/probe-server.ts';

let server: Server;
let isReady: boolean;
let registry: Registry;

beforeEach(async () => {
  isReady = false;
  registry = new Registry();
  new Counter({ name: 'copepod_things_total', help: 'Things.', registers: [registry] }).inc(3);
  server = await serveProbes(0, { registry, isReady: () => isReady });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const get = async (path: string, init?: RequestInit): Promise<[number, string]> => {
  const response = await fetch(`http://127.0.0.1:${portOf(server)}${path}`, init);
  return [response.status, await response.text()];
};

describe('the HTTP server of the operator', () => {
  test('answers the liveness probe', async () => {
    expect(await get('/healthz')).toEqual([200, 'ok\n']);
  });

  test('reports readiness by the state of the caches', async () => {
    expect(await get('/readyz')).toEqual([503, 'not ready\n']);
    isReady = true;
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
  });

  test('serves metrics in the Prometheus format', async () => {
    const response = await fetch(`http://127.0.0.1:${portOf(server)}/metrics`);
    expect(response.headers.get('content-type')).toBe(registry.contentType);
    expect(await response.text()).toContain('copepod_things_total 3');
  });

  test('refuses other methods and paths, and has no identifying headers', async () => {
    expect((await get('/anything'))[0]).toBe(404);
    expect((await get('/healthz', { method: 'POST' }))[0]).toBe(404);
    const { headers } = await fetch(`http://127.0.0.1:${portOf(server)}/healthz`);
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('answers an undecodable path without internals', async () => {
    const [status, text] = await get('/%ff');
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).not.toMatch(/node_modules|at \w+ \(/);
  });
});

describe('with more idle connections than its limit', () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  test.each(['/healthz', '/metrics'])('%s is answered', async (path) => {
    for (let index = 0; index < 200; index += 1) {
      const socket = connect(portOf(server), '127.0.0.1');
      socket.on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect');
    }
    expect((await get(path))[0]).toBe(200);
  });
});

test('a port in use is an error', async () => {
  await expect(serveProbes(portOf(server), { registry, isReady: () => true })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
