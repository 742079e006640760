import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Http2Transport } from '../../../src/kube/http2-transport.ts';

let server: Http2Server;
let socket: Socket;

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
});
afterEach(async () => {
  jest.useRealTimers();
  await new Promise((resolve) => server.close(resolve));
});

const transportOver = (): Http2Transport => new Http2Transport(new URL('http://127.0.0.1'), socket as TLSSocket);
const moment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// An error here is an uncaught exception: Jest reports it as a failed test.
test('a connection destroyed before it is established causes no uncaught exception', async () => {
  const transport = transportOver();
  transport.destroy();
  await once(socket, 'close');
  await moment();
  expect(transport.usable).toBe(false);
});

test('a connection that breaks just before its next ping causes no uncaught exception', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  const transport = transportOver();
  for (let moments = 0; moments < 20; moments += 1) await moment();
  transport.destroy();
  // Its `close` event is still outstanding.
  expect(() => jest.advanceTimersByTime(60_000)).not.toThrow();
  expect(transport.usable).toBe(false);
});
