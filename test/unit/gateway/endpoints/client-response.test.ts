import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ClientResponse } from '../../../../src/gateway/endpoints/client-response.ts';

const HEAD = { status: 200, statusText: '', headers: [] };

const OPTIONS = { isHead: false, hasCors: false, more: {} };

/** A response whose client takes nothing. */
const unread = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));

describe('a client that does not read', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('the last part is cut off after 30 s', () => {
    const response = unread();
    const client = new ClientResponse(response, OPTIONS);
    void client.take({ head: HEAD, bytes: Buffer.alloc(1 << 20), isLast: true });
    expect(client).toMatchObject({ status: 200, isComplete: true });
    jest.advanceTimersByTime(29_000);
    expect(response.destroyed).toBe(false);
    jest.advanceTimersByTime(1000);
    expect(response.destroyed).toBe(true);
  });

  test('an earlier part is waited for: the time-out of the script ends it', async () => {
    const response = unread();
    const client = new ClientResponse(response, OPTIONS);
    const taken = client.take({ head: HEAD, bytes: Buffer.alloc(1 << 20), isLast: false });
    expect(taken).toBeInstanceOf(Promise);
    jest.advanceTimersByTime(120_000);
    expect(response.destroyed).toBe(false);
    response.emit('close');
    await taken;
  });

  test('is no concern once the response is closed', () => {
    const response = unread();
    const client = new ClientResponse(response, OPTIONS);
    void client.take({ head: HEAD, bytes: Buffer.from('all'), isLast: true });
    response.emit('close');
    expect(jest.getTimerCount()).toBe(0);
  });
});
