import { describe, expect, test } from '@jest/globals';
import type { ScriptEndpoint } from '../../../../src/api/types.generated.ts';
import { EndpointTable, hostname } from '../../../../src/gateway/endpoints/endpoint-table.ts';
import { servesMethod } from '../../../../src/gateway/endpoints/methods.ts';
import { failureText, scriptFailure } from '../../../../src/gateway/endpoints/script-failure.ts';
import { madeEndpoint } from '../../../support/endpoint.ts';

const shop = madeEndpoint({ source: '1' }, { namespace: 'acme', name: 'shop' });
const site = madeEndpoint(
  { source: '1', hostnames: ['acme.example'], path: '/site' },
  { namespace: 'acme', name: 'site' },
);
const tableOf = (...all: ScriptEndpoint[]): EndpointTable =>
  new EndpointTable({
    get: ({ namespace, name }) =>
      all.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    all: () => all,
    reserved: new Set(['copepod.example']),
  });
const table = tableOf(shop, site);

describe('a path', () => {
  test.each([
    ['/acme/shop', '/', '/acme/shop'],
    ['/acme/shop/', '/', '/acme/shop'],
    ['/acme/shop?a=1', '/?a=1', '/acme/shop'],
    ['/acme/shop/orders/7?a=/b', '/orders/7?a=/b', '/acme/shop'],
    ['/acme/shop//x', '//x', '/acme/shop'],
    ['/%61cme/sho%70/%7Eme', '/~me', '/acme/shop'],
  ])('%s is for the endpoint, which sees %s', (target, seen, prefix) => {
    expect(table.byPath('copepod.example', target)).toEqual({ endpoint: shop, target: seen, prefix });
  });

  test.each(['/', '/acme', '/acme/', '/acme/shops', '/globex/shop', '//acme/shop', '/acme%2fshop'])(
    '%s is for none',
    (target) => {
      expect(table.byPath('copepod.example', target)).toBeUndefined();
    },
  );

  test.each(['acme.example', 'ACME.example.:80'])('is for none on %s, which belongs to an endpoint', (host) => {
    for (const path of ['/acme/shop', '/acme/site', '/globex/shop']) {
      expect(table.byHost(host, path)).toBeUndefined();
      expect(table.byPath(host, path)).toBeUndefined();
    }
  });
});

describe('a host', () => {
  test.each(['acme.example', 'ACME.example', 'acme.example:8443', 'acme.example.'])(
    '%s is that of the endpoint',
    (host) => {
      expect(table.byHost(host, '/site/a?b')).toEqual({ endpoint: site, target: '/site/a?b', prefix: '' });
    },
  );

  test.each([
    ['acme.example', '/other'],
    ['www.acme.example', '/site'],
    ['', '/site'],
  ])('%s%s is that of none', (host, target) => {
    expect(table.byHost(host, target)).toBeUndefined();
  });

  test('keeps its address', () => {
    expect(hostname('[::1]:80')).toBe('[::1]');
  });
});

describe('the host of the gateway', () => {
  const thief = madeEndpoint({ source: '1', hostnames: ['copepod.example', 'thief.example'] }, { name: 'thief' });
  const robbed = tableOf(shop, thief);

  test('serves endpoints by their own paths, and none by a hostname that claims it', () => {
    expect(robbed.byHost('copepod.example', '/acme/shop')).toBeUndefined();
    expect(robbed.byPath('copepod.example', '/acme/shop')).toMatchObject({ endpoint: shop, target: '/' });
    expect(robbed.byHost('thief.example', '/acme/shop')).toMatchObject({ endpoint: thief });
  });
});

describe('a host with endpoints of several paths', () => {
  const hostnames = ['acme.example'];
  const all = madeEndpoint({ source: '1', hostnames }, { name: 'all' });
  const admin = madeEndpoint({ source: '1', hostnames, path: '/admin' }, { name: 'admin' });
  const at = madeEndpoint({ source: '1', hostnames, path: '/@(me)' }, { name: 'at' });
  const several = tableOf(all, admin, at);

  test.each([
    ['/%61dmin', admin, '/admin'],
    ['/admi%6E/%2e%2ex?%61', admin, '/admin/..x?%61'],
    ['/%40%28me%29', at, '/%40%28me%29'],
    ['/caf%C3%A9/a%20b%2Fc%5cd?e=%2e', all, '/caf%C3%A9/a%20b%2Fc%5cd?e=%2e'],
    ['/%2561dmin', all, '/%2561dmin'],
    ['/...?x=/../\\', all, '/...?x=/../\\'],
  ])('%s is for one of them, which sees the same path', (sent, endpoint, target) => {
    expect(several.byHost('acme.example', sent)).toEqual({ endpoint, target, prefix: '' });
    const parsed = URL.parse(`http://acme.example${target}`);
    expect(parsed && parsed.pathname + parsed.search).toBe(target);
  });

  test.each([
    '/x/../admin',
    '/x/%2e%2E/admin',
    '/x/.%2e/admin',
    '/./admin',
    '/admin/..',
    '/x\\..\\admin',
    '/ad\tmin',
    '/admin#x',
    '/?a#x',
    'm://x/y',
    'http://acme.example/admin',
    '.example/x',
    '*',
    '',
  ])('%s is refused', (sent) => {
    for (const find of [() => several.byHost('acme.example', sent), () => several.byPath('copepod.example', sent)]) {
      expect(find).toThrow(/^the (target of the request must be a path|path must have no segments)/);
    }
  });

  test('is found for other hosts by nothing, whatever the target', () => {
    expect(several.byHost('other.example', '*')).toBeUndefined();
  });
});

describe('methods', () => {
  test.each([
    [undefined, 'PROPFIND', true],
    [undefined, 'TRACE', false],
    [['GET'], 'HEAD', true],
    [['POST'], 'HEAD', false],
    [['POST'], 'POST', true],
    [['POST'], 'GET', false],
  ])('%j serves %s: %s', (methods, method, served) => {
    expect(servesMethod(methods === undefined ? {} : { methods }, method)).toBe(served);
  });
});

describe('a script that gives no response', () => {
  test.each([
    ['RuntimeError', 500],
    ['CompilationError', 500],
    ['MemoryExceeded', 500],
    ['TenantRefused', 500],
    ['TimeoutExceeded', 504],
    ['PodLost', 502],
    ['SandboxLost', 502],
  ])('%s is answered with %i', (reason, code) => {
    expect(scriptFailure(reason).code).toBe(code);
  });

  test('is described for its author alone', () => {
    const condition = {
      type: 'Succeeded',
      status: 'False',
      reason: 'RuntimeError',
      message: 'Error: no',
      lastTransitionTime: '',
    } as const;
    const error = {
      type: 'RuntimeError',
      message: 'Error: no',
      file: 'shop.js',
      line: 3,
      column: 7,
      retryable: false,
    } as const;
    expect(failureText({ conditions: [condition], error })).toBe('RuntimeError: Error: no (shop.js:3:7)');
    expect(failureText({ conditions: [{ ...condition, status: 'True', reason: 'Completed' }] })).toBeUndefined();
    expect(scriptFailure('RuntimeError').message).not.toContain('no');
  });
});
