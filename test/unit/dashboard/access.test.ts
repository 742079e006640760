import { describe, expect, test } from '@jest/globals';
import { bearerToken } from '../../../src/dashboard/access/bearer-token.ts';
import { LocalAccess } from '../../../src/dashboard/access/local-access.ts';
import { tokenOf } from '../../../src/dashboard/page/route.ts';
import { isLoopbackHost, isOwnOrigin } from '../../../src/http/origin.ts';

describe('access to a dashboard on this machine', () => {
  const access = new LocalAccess();
  const authorization = `Bearer ${access.token}`;
  const check = (headers: Record<string, string>) => () => access.check({ host: 'localhost:8484', ...headers });

  test('is by the token of its URL', () => {
    expect(check({ authorization })).not.toThrow();
    expect(tokenOf(`#token=${access.token}`)).toBe(access.token);
  });

  test.each<[string, Record<string, string>, number]>([
    ['no token', {}, 401],
    ['another token', { authorization: `Bearer ${'x'.repeat(43)}` }, 401],
    ['an empty token', { authorization: 'Bearer ' }, 401],
    ['the token in a cookie', { cookie: `copepod-token=${access.token}` }, 401],
    ['a host that a foreign page has given a loopback address', { authorization, host: 'rebound.example:8484' }, 403],
    ['a host that begins like this machine', { authorization, host: 'localhost.example:8484' }, 403],
    ['no host', { authorization, host: '' }, 403],
  ])('is refused with %s', (_, headers, code) => {
    expect(check(headers)).toThrow(expect.objectContaining({ code }));
  });

  test('has a token of its own for each dashboard', () => {
    expect(new LocalAccess().token).not.toBe(access.token);
    expect(Buffer.from(access.token, 'base64url')).toHaveLength(32);
  });
});

test.each([
  ['Bearer abc.def-1_2', 'abc.def-1_2'],
  ['bearer abc=', 'abc='],
  ['Basic abc', undefined],
  ['Bearer ', undefined],
  ['Bearer a b', undefined],
  ['Bearer a\u00e9', undefined],
  [`Bearer ${'a'.repeat(16_385)}`, undefined],
  [undefined, undefined],
])('the token of the header %j is %j', (authorization, token) => {
  expect(bearerToken({ authorization })).toBe(token);
});

test.each([
  '',
  '#',
  '#/shop/executions',
  '#token=',
  '#token=short',
  `#token=${'a'.repeat(44)}`,
  `#/token=${'a'.repeat(43)}`,
])('the fragment %j has no token', (fragment) => {
  expect(tokenOf(fragment)).toBeUndefined();
});

test.each([
  ['localhost', true],
  ['LOCALHOST:80', true],
  ['127.0.0.1:8484', true],
  ['[::1]:8484', true],
  ['127.0.0.1.example', false],
  ['example', false],
  [undefined, false],
])('the host %j is a loopback host: %j', (host, is) => {
  expect(isLoopbackHost({ host })).toBe(is);
});

test.each([
  [undefined, 'copepod.example', true],
  ['https://copepod.example', 'copepod.example', true],
  ['https://copepod.example', 'COPEPOD.example', true],
  ['https://other.example', 'copepod.example', false],
  ['https://copepod.example:444', 'copepod.example', false],
  ['null', 'copepod.example', false],
  ['https://copepod.example', undefined, false],
])('a request of the origin %j for the host %j is of its own origin: %j', (origin, host, is) => {
  expect(isOwnOrigin({ origin, host })).toBe(is);
});
