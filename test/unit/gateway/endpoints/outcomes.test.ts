import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../../../src/api/outcome.ts';
import { EndpointHandler } from '../../../../src/gateway/endpoints/endpoint-handler.ts';
import type { Executed } from '../../../../src/gateway/execute/executor.ts';
import { Refusal } from '../../../../src/gateway/refusal.ts';
import { madeEndpoint } from '../../../support/endpoint.ts';

/** How a request is counted. */
async function countedAs(
  execute: (abort: () => void) => Promise<Executed>,
  { spec = {}, method = 'GET', headers = {} }: { spec?: object; method?: string; headers?: object } = {},
): Promise<string[]> {
  const counted: string[] = [];
  const gone = new AbortController();
  const handler = new EndpointHandler({
    executor: { execute: () => execute(() => gone.abort(new Error('the client is gone'))) },
    requests: { checkRecord: () => {}, record: () => undefined },
    authenticate: async () => ({ hidesAuthorization: false }),
    onEnded: ({ metadata }, outcome) => counted.push(`${metadata.name} ${outcome}`),
    tellsErrors: false,
  });
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method, headers: { host: 'copepod.example', ...headers } });
  request.push(null);
  const exchange = { trace: { requestID: 'r-1' }, notes: {}, trust: () => {}, signal: gone.signal };
  const endpoint = madeEndpoint({ auth: { type: 'None' }, ...spec });
  const match = { endpoint, target: '/', prefix: '/acme/shop' };
  await handler.handle(match, request, new ServerResponse(request), exchange).catch(() => {});
  return counted;
}

const ended = (reason: Reason) => async (): Promise<Executed> => {
  const status = reason === 'Completed' ? 'True' : 'False';
  const condition = { type: 'Succeeded', status, reason, message: '', lastTransitionTime: '' } as const;
  return { reason, status: { conditions: [condition] } as unknown as Executed['status'], waitMs: 0 };
};

describe('a request is counted once, as', () => {
  test.each<[Reason, string]>([
    ['Completed', 'succeeded'],
    ['RuntimeError', 'failed'],
    ['TimeoutExceeded', 'failed'],
    ['PodLost', 'failed'],
    ['Cancelled', 'cancelled'],
    ['LimitsRefused', 'refused'],
    ['TenantRefused', 'refused'],
  ])('%s: %s', async (reason, outcome) => {
    expect(await countedAs(ended(reason))).toEqual([`shop ${outcome}`]);
  });

  test('refused, where nothing was started', async () => {
    const busy = async () => {
      throw new Refusal('TooManyRequests', 'no');
    };
    expect(await countedAs(busy)).toEqual(['shop refused']);
    expect(await countedAs(ended('Completed'), { spec: { methods: ['POST'] } })).toEqual(['shop refused']);
  });

  test('cancelled, where the client went away or the gateway ends', async () => {
    const aborted = async (abort: () => void) => {
      abort();
      throw new Refusal('ServiceUnavailable', 'the gateway ends');
    };
    expect(await countedAs(aborted)).toEqual(['shop cancelled']);
  });

  test('failed, by a bug', async () => {
    const bug = async () => {
      throw new Error('a bug');
    };
    expect(await countedAs(bug)).toEqual(['shop failed']);
  });

  test('nothing, where it is a preflight', async () => {
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    const spec = { cors: { allowOrigins: ['*'] } };
    expect(await countedAs(ended('Completed'), { spec, method: 'OPTIONS', headers })).toEqual([]);
  });
});
