import { describe, expect, test } from '@jest/globals';
import { type ReceivedRequest, type Routed, webRequest } from '../../../../src/gateway/endpoints/web-request.ts';

const received: ReceivedRequest = {
  method: 'GET',
  host: 'copepod.example:8080',
  rawHeaders: ['Accept', 'text/html'],
  remoteAddress: '10.0.0.7',
};
const routed: Routed = { target: '/orders?open=1', prefix: '/acme/shop', requestID: 'r-1', hidesAuthorization: false };

const headersOf = (request: Partial<ReceivedRequest>, how: Partial<Routed> = {}): Record<string, string> =>
  Object.fromEntries(webRequest({ ...received, ...request }, { ...routed, ...how }).headers);

describe('the request that a script sees', () => {
  test('has the path below the endpoint, and says what was taken off it', () => {
    expect(webRequest(received, routed)).toEqual({
      url: 'http://copepod.example:8080/orders?open=1',
      method: 'GET',
      headers: [
        ['accept', 'text/html'],
        ['x-request-id', 'r-1'],
        ['x-forwarded-for', '10.0.0.7'],
        ['x-forwarded-proto', 'http'],
        ['x-forwarded-prefix', '/acme/shop'],
      ],
    });
  });

  test.each([
    ['the prefix of a proxy comes first', ['X-Forwarded-Prefix', '/api/'], 'x-forwarded-prefix', '/api/acme/shop'],
    ['clients in front of proxies come first', ['X-Forwarded-For', '1.2.3.4'], 'x-forwarded-for', '1.2.3.4, 10.0.0.7'],
    ['the scheme is that of the first proxy', ['X-Forwarded-Proto', 'https, http'], 'x-forwarded-proto', 'https'],
    ['another scheme counts for nothing', ['X-Forwarded-Proto', 'javascript'], 'x-forwarded-proto', 'http'],
  ])('%s', (_, rawHeaders, name, value) => {
    expect(headersOf({ rawHeaders })[name]).toBe(value);
  });

  test('has a URL with the scheme of the client', () => {
    expect(webRequest({ ...received, rawHeaders: ['x-forwarded-proto', 'https'] }, routed).url).toBe(
      'https://copepod.example:8080/orders?open=1',
    );
  });

  test('has no headers of the connection, nor those that it names', () => {
    const rawHeaders = [
      'Connection',
      'close, X-Secret',
      'X-Secret',
      '1',
      'Keep-Alive',
      '5',
      'TE',
      'trailers',
      'A',
      'b',
    ];
    expect(Object.keys(headersOf({ rawHeaders }))).toEqual([
      'a',
      'x-request-id',
      'x-forwarded-for',
      'x-forwarded-proto',
      'x-forwarded-prefix',
    ]);
  });

  test('is made in time that grows with its headers alone', () => {
    const rawHeaders = ['Connection', `a${' '.repeat(31_000)}b`, 'A', '1'];
    const startedAt = performance.now();
    webRequest({ ...received, rawHeaders }, routed);
    expect(performance.now() - startedAt).toBeLessThan(50);
  });

  test('has no Authorization header that was for the gateway', () => {
    const rawHeaders = ['Authorization', 'Bearer secret'];
    expect(headersOf({ rawHeaders }).authorization).toBe('Bearer secret');
    expect(headersOf({ rawHeaders }, { hidesAuthorization: true }).authorization).toBeUndefined();
  });

  test('keeps headers that are there several times', () => {
    const { headers } = webRequest({ ...received, rawHeaders: ['Cookie', 'a=1', 'Cookie', 'b=2'] }, routed);
    expect(headers.slice(0, 2)).toEqual([
      ['cookie', 'a=1'],
      ['cookie', 'b=2'],
    ]);
  });

  test.each([
    ['no host', { host: '' }],
    ['a host that is none', { host: 'a b' }],
    ['credentials in the host', { host: 'user@copepod.example' }],
    ['a target that is no path', {}, { target: '.example/orders' }],
    ['a fragment', {}, { target: '/orders#1' }],
    ['a URL that is too long', {}, { target: `/${'x'.repeat(20_000)}` }],
    ['too many headers', { rawHeaders: Array.from({ length: 600 }, (_, i) => `x${i}`) }],
  ] as const)('is refused with %s', (_, request: Partial<ReceivedRequest>, how: Partial<Routed> = {}) => {
    expect(() => webRequest({ ...received, ...request }, { ...routed, ...how })).toThrow('are invalid, or too long');
  });
});
