import { describe, expect, test } from '@jest/globals';
import { HostTable, type RoutedEndpoint } from '../../../src/api/endpoints/host-table.ts';

/** `namespace/name`, the second of its creation, and its hostnames. */
const endpoint = (key: string, second: number, hostnames: string[], path = '/'): RoutedEndpoint => {
  const [namespace = '', name = ''] = key.split('/');
  const creationTimestamp = `2026-11-30T10:00:0${second}Z`;
  return { metadata: { namespace, name, creationTimestamp }, spec: { hostnames, path } };
};

const keyOf = (found: RoutedEndpoint | undefined): string | undefined =>
  found && `${found.metadata.namespace}/${found.metadata.name}`;

describe('the endpoint of a host and a path', () => {
  const table = new HostTable(
    [
      endpoint('acme/site', 1, ['acme.example', 'www.acme.example']),
      endpoint('acme/orders', 2, ['acme.example'], '/orders'),
      endpoint('acme/open', 3, ['acme.example'], '/orders/open'),
      endpoint('globex/shop', 4, ['globex.example'], '/shop'),
    ],
    new Set(),
  );

  test.each([
    ['acme.example', '/', 'acme/site'],
    ['www.acme.example', '/orders', 'acme/site'],
    ['acme.example', '/orders', 'acme/orders'],
    ['acme.example', '/orders/', 'acme/orders'],
    ['acme.example', '/orders/open/7', 'acme/open'],
    ['acme.example', '/ordersopen', 'acme/site'],
    ['globex.example', '/shop/1', 'globex/shop'],
    ['globex.example', '/', undefined],
    ['initech.example', '/', undefined],
  ])('%s%s is %s', (host, path, expected) => {
    expect(keyOf(table.find(host, path))).toBe(expected);
  });
});

describe('endpoints with the same hostname', () => {
  test('of other namespaces than the oldest one are not served for it', () => {
    const [oldest, other] = [
      endpoint('acme/a', 1, ['x.example']),
      endpoint('globex/b', 2, ['x.example', 'y.example'], '/b'),
    ];
    const table = new HostTable([other, oldest], new Set());
    expect(keyOf(table.find('x.example', '/b'))).toBe('acme/a');
    expect(keyOf(table.find('y.example', '/b'))).toBe('globex/b');
    expect(table.conflicts(other)).toEqual([{ hostname: 'x.example', other: 'acme/a' }]);
    expect(table.conflicts(oldest)).toEqual([]);
  });

  test('and the same path: the oldest is served; of the same age, the first by key', () => {
    const [a, b] = [endpoint('acme/a', 1, ['x.example']), endpoint('acme/b', 1, ['x.example'])];
    for (const order of [
      [a, b],
      [b, a],
    ]) {
      const table = new HostTable(order, new Set());
      expect(keyOf(table.find('x.example', '/'))).toBe('acme/a');
      expect(table.conflicts(b)).toEqual([{ hostname: 'x.example', other: 'acme/a' }]);
    }
  });
});

test("the gateway's own hosts are those of no endpoint, however old", () => {
  const all = endpoint('acme/all', 1, ['copepod.example', 'acme.example']);
  const table = new HostTable([all], new Set(['copepod.example']));
  expect(table.has('copepod.example')).toBe(false);
  expect(table.find('copepod.example', '/')).toBeUndefined();
  expect(keyOf(table.find('acme.example', '/'))).toBe('acme/all');
  expect(table.conflicts(all)).toEqual([{ hostname: 'copepod.example', other: undefined }]);
});
