import { describe, expect, test } from '@jest/globals';
import { bearerToken } from '../../../src/dashboard/access/bearer-credentials.ts';
import { LocalAccess } from '../../../src/dashboard/access/local-access.ts';
import { isLoopbackHost, isOwnOrigin } from '../../../src/http/origin.ts';

const PORT = 8484;

describe('access to a dashboard on this machine', () => {
  const access = new LocalAccess();
  const cookie = `copepod-dashboard-${PORT}=${access.token}`;
  const check = (headers: Record<string, string>) => () =>
    access.check({ host: `localhost:${PORT}`, ...headers }, PORT);

  test('is by the cookie that is given for the token of the URL', () => {
    const given = access.cookie(access.token, PORT);
    expect(given).toBe(`${cookie}; Path=/; HttpOnly; SameSite=Strict`);
    expect(check({ cookie: `theme=dark; ${cookie}` })).not.toThrow();
  });

  test.each<[string, Record<string, string>, number]>([
    ['no cookie', {}, 401],
    ['a cookie with another token', { cookie: `copepod-dashboard-${PORT}=${'x'.repeat(43)}` }, 401],
    ['an empty cookie', { cookie: `copepod-dashboard-${PORT}=` }, 401],
    ['the cookie of a dashboard at another port', { cookie: `copepod-dashboard-1=${access.token}` }, 401],
    ['a host that a foreign page has given a loopback address', { cookie, host: `rebound.example:${PORT}` }, 403],
    ['a host that begins like this machine', { cookie, host: `localhost.example:${PORT}` }, 403],
    ['no host', { cookie, host: '' }, 403],
  ])('is refused with %s', (_, headers, code) => {
    expect(check(headers)).toThrow(expect.objectContaining({ code }));
  });

  test('is refused for another token in the URL', () => {
    expect(() => access.cookie('guess', PORT)).toThrow(expect.objectContaining({ code: 401 }));
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
  const read = () => bearerToken({ authorization });
  if (token === undefined) expect(read).toThrow(expect.objectContaining({ code: 401 }));
  else expect(read()).toBe(token);
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
