import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eachChunk } from '../../../../src/cluster/pods/each-chunk.ts';
import { until } from '../../../support/until.ts';

let server: Server;
let agent: Agent;
let connections: number;
let respond: (response: ServerResponse) => unknown;

beforeEach(async () => {
  connections = 0;
  agent = new Agent({ keepAlive: true });
  server = createServer((incoming, response) => {
    incoming.resume();
    void respond(response);
  });
  server.on('connection', () => connections++);
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

const answer = (): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    request({ port, host: '127.0.0.1', agent }, resolve).on('error', reject).end();
  });

describe('an answer', () => {
  test('is given in its order, and waits for whoever takes it', async () => {
    respond = async (response) => {
      for (const part of ['one', 'two', 'three']) {
        response.write(part);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      response.end();
    };
    let taken = '';
    let isTaking = false;
    await eachChunk(await answer(), async (chunk) => {
      expect(isTaking).toBe(false);
      isTaking = true;
      await new Promise((resolve) => setTimeout(resolve, 20));
      taken += chunk.toString();
      isTaking = false;
      return false;
    });
    expect(taken).toBe('onetwothree');
  });

  test('leaves its connection to the next', async () => {
    respond = (response) => void response.end('all');
    for (let i = 0; i < 20; i++) {
      await eachChunk(await answer(), () => true);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    }
    expect(connections).toBe(1);
  });

  test('without an end loses its connection once no more is wanted', async () => {
    const gone = Promise.withResolvers<void>();
    respond = (response) => {
      response.on('close', gone.resolve);
      response.write('first');
    };
    await eachChunk(await answer(), () => true);
    await gone.promise;
  });

  test('gives no more than is wanted', async () => {
    respond = (response) => {
      response.write('first');
      setTimeout(() => response.end('second'), 5);
    };
    const chunks: string[] = [];
    await eachChunk(await answer(), (chunk) => {
      chunks.push(chunk.toString());
      return true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(chunks).toEqual(['first']);
  });

  test('that ends while its last chunk is taken waits for that', async () => {
    respond = (response) => void response.end('all');
    let isTaken = false;
    await eachChunk(await answer(), async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      isTaken = true;
      return false;
    });
    expect(isTaken).toBe(true);
  });

  test('that breaks off is an error', async () => {
    respond = (response) => {
      response.write('first');
      setTimeout(() => response.destroy(), 5);
    };
    await expect(eachChunk(await answer(), () => false)).rejects.toThrow('aborted');
  });

  test('that is destroyed while it waits is an error', async () => {
    respond = (response) => void response.write('first');
    const message = await answer();
    const reading = eachChunk(message, () => {
      setImmediate(() => message.destroy());
      return false;
    });
    await expect(reading).rejects.toThrow(/aborted|broke off/);
  });

  test.each([
    [
      'at once',
      (): boolean => {
        throw new Error('no room');
      },
    ],
    ['later', () => Promise.reject(new Error('no room'))],
  ])('ends with what its taker throws, %s', async (_when, take) => {
    let isClosed = false;
    respond = (response) => {
      response.on('close', () => {
        isClosed = true;
      });
      response.write('first');
    };
    await expect(eachChunk(await answer(), take)).rejects.toThrow('no room');
    await until('the connection to be closed', () => isClosed);
  });
});
