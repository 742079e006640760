import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { EndpointHandler } from '../../../../src/gateway/endpoints/endpoint-handler.ts';
import { secretRefusal } from '../../../../src/gateway/endpoints/secret-refusal.ts';
import type { Notes } from '../../../../src/gateway/http/handler.ts';
import { Refusal } from '../../../../src/gateway/refusal.ts';
import { madeEndpoint } from '../../../support/endpoint.ts';

/** What a request for an endpoint is refused with, and what is noted of it, where nothing can be executed. */
async function refused(type: 'None' | 'Kubernetes', error: Error, tellsErrors = false) {
  const handler = new EndpointHandler({
    executor: { execute: () => Promise.reject(error) },
    requests: { checkRecord: () => {}, record: () => undefined },
    authenticate: async () => ({ hidesAuthorization: false }),
    onEnded: () => {},
    tellsErrors,
  });
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: 'GET', headers: { host: 'copepod.example' } });
  request.push(null);
  const notes: Notes = {};
  const exchange = { trace: { requestID: 'r-1' }, notes, trust: () => {}, signal: new AbortController().signal };
  const match = { endpoint: madeEndpoint({ auth: { type } }), target: '/', prefix: '/acme/shop' };
  try {
    await handler.handle(match, request, new ServerResponse(request), exchange);
  } catch (refusal) {
    return { refusal: refusal as Refusal, failure: notes.failure };
  }
  throw new Error('it was not refused');
}

const MISSING = [
  ['a runtime', new Refusal('NotFound', 'there is no ScriptRuntime "secret-name"'), '5'],
  ['a Secret', secretRefusal('SecretNotFound', 'Secret "secret-name" does not exist'), '30'],
] as const;

describe.each(MISSING)('an endpoint that lacks %s', (_, error, retryAfter) => {
  test('is not ready; its name is noted, but not told', async () => {
    const { refusal, failure } = await refused('None', error);
    expect(refusal).toMatchObject({ code: 503, message: 'the endpoint is not ready; nothing was started' });
    expect(refusal.headers).toEqual({ 'retry-after': retryAfter });
    expect(failure).toBe(error.message);
  });

  test('says what it is to those who may execute, and on a local gateway', async () => {
    for (const told of [await refused('Kubernetes', error), await refused('None', error, true)]) {
      expect(told.refusal).toMatchObject({ code: 503, message: error.message });
    }
  });
});

test('a refusal of the request is told as it is', async () => {
  const error = new Refusal('TooManyRequests', 'no place', { retryAfterSeconds: 1 });
  expect((await refused('None', error)).refusal).toBe(error);
});
