import { describe, expect, test } from '@jest/globals';
import { EndpointTable, hostname } from '../../../../src/gateway/endpoints/endpoint-table.ts';
import { servesMethod } from '../../../../src/gateway/endpoints/methods.ts';
import { failureText, scriptFailure } from '../../../../src/gateway/endpoints/script-failure.ts';
import { madeEndpoint } from '../../../support/endpoint.ts';

const shop = madeEndpoint({ source: '1' }, { namespace: 'acme', name: 'shop' });
const site = madeEndpoint(
  { source: '1', hostnames: ['acme.example'], path: '/site' },
  { namespace: 'acme', name: 'site' },
);
const table = new EndpointTable({
  get: ({ namespace, name }) =>
    [shop, site].find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  all: () => [shop, site],
});

describe('a path', () => {
  test.each([
    ['/acme/shop', '/', '/acme/shop'],
    ['/acme/shop/', '/', '/acme/shop'],
    ['/acme/shop?a=1', '/?a=1', '/acme/shop'],
    ['/acme/shop/orders/7?a=/b', '/orders/7?a=/b', '/acme/shop'],
    ['/acme/shop//x', '//x', '/acme/shop'],
  ])('%s is for the endpoint, which sees %s', (target, seen, prefix) => {
    expect(table.byPath(target)).toEqual({ endpoint: shop, target: seen, prefix });
  });

  test.each(['/', '/acme', '/acme/', '/acme/shops', '/globex/shop', '//acme/shop', '/acme%2fshop'])(
    '%s is for none',
    (target) => {
      expect(table.byPath(target)).toBeUndefined();
    },
  );
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
