import { describe, expect, test } from '@jest/globals';
import {
  allowedOrigin,
  type CorsPolicy,
  isPreflight,
  preflightHeaders,
  responseHeaders,
} from '../../../../src/gateway/endpoints/cors.ts';

const policy = (allowOrigins: string[], more: Partial<CorsPolicy> = {}): CorsPolicy => ({
  allowOrigins,
  maxAge: 5,
  ...more,
});
const SHOP = 'https://shop.example';

describe('an origin', () => {
  test.each<[string, string, 'Listed' | 'Any' | undefined]>([
    [SHOP, SHOP, 'Listed'],
    [SHOP, 'https://shop.example:443', 'Listed'],
    ['https://shop.example:443', SHOP, 'Listed'],
    ['http://shop.example', 'http://shop.example:80', 'Listed'],
    ['http://localhost:3000', 'http://localhost:3000', 'Listed'],
    ['http://[::1]:3000', 'http://[::1]:3000', 'Listed'],
    [SHOP, 'http://shop.example', undefined],
    [SHOP, 'https://shop.example:8443', undefined],
    [SHOP, 'https://www.shop.example', undefined],
    [SHOP, 'https://shop.example.evil.example', undefined],
    [SHOP, 'https://evilshop.example', undefined],
    [SHOP, 'https://SHOP.example', undefined],
    [SHOP, 'https://shop.example/', undefined],
    [SHOP, 'https://evil.example/https://shop.example', undefined],
    [SHOP, 'https://evil.example#@shop.example', undefined],
    [SHOP, 'https://shop.example, https://shop.example', undefined],
    [SHOP, 'null', undefined],
    [SHOP, '', undefined],
    ['https://*.shop.example', 'https://www.shop.example', 'Listed'],
    ['https://*.shop.example', 'https://a.b.shop.example', 'Listed'],
    ['https://*.shop.example', SHOP, undefined],
    ['https://*.shop.example', 'https://.shop.example', 'Listed'],
    ['https://*.shop.example', 'https://evilshop.example', undefined],
    ['https://*.shop.example', 'http://www.shop.example', undefined],
    ['https://*.shop.example', 'https://www.shop.example.evil.example', undefined],
    ['https://*.shop.example', 'https://evil.example?.shop.example', undefined],
    ['https://*.shop.example:8443', 'https://www.shop.example:8443', 'Listed'],
    ['https://*.shop.example:8443', 'https://www.shop.example', undefined],
    ['*', 'https://anything.example', 'Any'],
    ['*', 'null', 'Any'],
  ])('where %s is allowed: %s is %s', (allowed, origin, expected) => {
    expect(allowedOrigin(policy([allowed]), origin)).toBe(expected);
  });
});

test.each<[string, Record<string, string>, boolean]>([
  ['OPTIONS', { origin: SHOP, 'access-control-request-method': 'PUT' }, true],
  ['OPTIONS', { origin: SHOP }, false],
  ['OPTIONS', { 'access-control-request-method': 'PUT' }, false],
  ['GET', { origin: SHOP, 'access-control-request-method': 'PUT' }, false],
])('%s with %o is a preflight: %s', (method, headers, expected) => {
  expect(isPreflight(method, headers)).toBe(expected);
});

describe('a response', () => {
  test.each<[string, CorsPolicy, string | undefined, Record<string, string>]>([
    ['to an origin that is listed', policy([SHOP]), SHOP, { 'access-control-allow-origin': SHOP, vary: 'Origin' }],
    ['to another origin', policy([SHOP]), 'https://evil.example', { vary: 'Origin' }],
    ['to a client without one', policy([SHOP]), undefined, { vary: 'Origin' }],
    ['to every origin', policy(['*']), SHOP, { 'access-control-allow-origin': '*' }],
    ['to every origin, and a client without one', policy(['*']), undefined, { 'access-control-allow-origin': '*' }],
    [
      'with credentials, and headers to read',
      policy([SHOP], { allowCredentials: true, exposeHeaders: ['ETag', 'Retry-After'] }),
      SHOP,
      {
        'access-control-allow-origin': SHOP,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'ETag, Retry-After',
        vary: 'Origin',
      },
    ],
    [
      'with credentials to another origin',
      policy([SHOP], { allowCredentials: true, exposeHeaders: ['ETag'] }),
      'https://evil.example',
      { vary: 'Origin' },
    ],
    [
      'without credentials, where they are off',
      policy([SHOP], { allowCredentials: false }),
      SHOP,
      { 'access-control-allow-origin': SHOP, vary: 'Origin' },
    ],
  ])('%s', (_, cors, origin, expected) => {
    expect(responseHeaders(cors, origin === undefined ? {} : { origin })).toEqual(expected);
  });
});

describe('a preflight', () => {
  const VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';
  const asked = (origin: string, method = 'PUT', headers?: string) => ({
    origin,
    'access-control-request-method': method,
    ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
  });

  test.each<[string, CorsPolicy, ReturnType<typeof asked>, Record<string, string>]>([
    ['of another origin', policy([SHOP]), asked('https://evil.example'), {}],
    [
      'of an origin that is listed',
      policy([SHOP], { allowMethods: ['PUT', 'DELETE'], allowHeaders: ['Authorization', 'X-Order'], maxAge: 600 }),
      asked(SHOP, 'PATCH', 'x-other'),
      {
        'access-control-allow-origin': SHOP,
        'access-control-allow-methods': 'PUT, DELETE',
        'access-control-allow-headers': 'Authorization, X-Order',
        'access-control-max-age': '600',
      },
    ],
    [
      'where nothing but the origin is said',
      policy([SHOP]),
      asked(SHOP),
      { 'access-control-allow-origin': SHOP, 'access-control-max-age': '5' },
    ],
    [
      'with wildcards, without credentials',
      policy(['*'], { allowMethods: ['*'], allowHeaders: ['*', 'Authorization'] }),
      asked(SHOP, 'PUT', 'x-order'),
      {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': '*',
        'access-control-allow-headers': '*, Authorization',
        'access-control-max-age': '5',
      },
    ],
    [
      'with wildcards and credentials, which have what was asked for',
      policy([SHOP], { allowCredentials: true, allowMethods: ['*'], allowHeaders: ['*'] }),
      asked(SHOP, 'PUT', 'x-order,content-type'),
      {
        'access-control-allow-origin': SHOP,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'PUT',
        'access-control-allow-headers': 'x-order,content-type',
        'access-control-max-age': '5',
      },
    ],
    [
      'with wildcards and credentials, and what is no header and no method',
      policy([SHOP], { allowCredentials: true, allowMethods: ['*'], allowHeaders: ['*'] }),
      asked(SHOP, 'P/T', 'x-order; a="b"'),
      {
        'access-control-allow-origin': SHOP,
        'access-control-allow-credentials': 'true',
        'access-control-max-age': '5',
      },
    ],
  ])('%s', (_, cors, headers, expected) => {
    expect(preflightHeaders(cors, headers)).toEqual({ ...expected, vary: VARY });
  });
});
