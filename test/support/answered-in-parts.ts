import { expect } from '@jest/globals';
import type { DuplexRequest } from './duplex-request.ts';

/** Expects a script to answer each part of a body with the same, before the next part is sent. */
export async function expectAnsweredInParts(request: DuplexRequest): Promise<void> {
  request.write('first ');
  expect([(await request.head()).statusCode, await request.next()]).toEqual([200, 'first ']);
  request.write('second');
  expect(await request.next()).toBe('second');
  request.end();
  expect(await request.next()).toBeUndefined();
}
