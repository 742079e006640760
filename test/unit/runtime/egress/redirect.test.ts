import { describe, expect, test } from '@jest/globals';
import { isRedirect, redirected } from '../../../../src/runtime/egress/redirect.ts';

const HEADERS = new Map([
  ['authorization', 'Bearer own'],
  ['cookie', 'a=b'],
  ['content-type', 'text/plain'],
  ['x-own', '1'],
]);

function follow(status: number, location: string, method = 'GET', url = 'https://api.example.com/a/b?c#d') {
  const next = redirected({ url: new URL(url), method, headers: HEADERS }, status, location);
  return { url: next.url.href, method: next.method, headers: [...next.headers.keys()], keepsBody: next.keepsBody };
}

describe('a redirect', () => {
  test.each([
    [301, 'POST', 'GET', false],
    [302, 'POST', 'GET', false],
    [303, 'POST', 'GET', false],
    [303, 'PUT', 'GET', false],
    [303, 'HEAD', 'HEAD', true],
    [301, 'PUT', 'PUT', true],
    [307, 'POST', 'POST', true],
    [308, 'POST', 'POST', true],
  ])('%i of %s is followed with %s', (status, method, expected, keepsBody) => {
    const next = follow(status, '/x', method);
    expect(next).toMatchObject({ method: expected, keepsBody });
    expect(next.headers.includes('content-type')).toBe(keepsBody);
  });

  test.each([
    ['/x', 'https://api.example.com/x#d'],
    ['x#e', 'https://api.example.com/a/x#e'],
    ['//other.example/x', 'https://other.example/x#d'],
    ['http://api.example.com/', 'http://api.example.com/#d'],
    ['\\\\other.example\\x', 'https://other.example/x#d'],
  ])('to %s leads to %s', (location, expected) => expect(follow(302, location).url).toBe(expected));

  test.each([
    ['/x', true],
    ['https://api.example.com:443/x', true],
    ['http://api.example.com/x', false],
    ['https://api.example.com:8443/x', false],
    ['https://www.example.com/x', false],
  ])("to %s keeps the script's credentials: %p", (location, keeps) => {
    const { headers } = follow(307, location);
    expect(headers.includes('authorization')).toBe(keeps);
    expect(headers.includes('cookie')).toBe(keeps);
    expect(headers).toContain('x-own');
  });

  test.each([
    ['ftp://x.example/', /not http or https/],
    ['file:///etc/passwd', /not http or https/],
    ['data:text/plain,x', /not http or https/],
    ['javascript:1', /not http or https/],
    ['https://user:word@x.example/', /with credentials/],
    ['https://@@x.example/', /with credentials/],
    ['https://[::1/', /invalid Location/],
    ['https://a b/', /invalid Location/],
  ])('to %s fails', (location, message) => expect(() => follow(302, location)).toThrow(message));

  test.each([
    [200, '/x', false],
    [300, '/x', false],
    [304, '/x', false],
    [305, '/x', false],
    [301, undefined, false],
    [308, '/x', true],
  ])('of status %i to %s: %p', (status, location, expected) => expect(isRedirect(status, location)).toBe(expected));
});
