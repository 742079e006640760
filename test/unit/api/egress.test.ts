import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '../../../src/api/json.ts';
import { validateObject } from '../../../src/api/validate.ts';

function problems(rule: JsonValue): string[] {
  const object = {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptRuntime',
    metadata: { name: 'web', namespace: 'acme' },
    spec: { egress: [rule] },
  };
  const checked = validateObject('ScriptRuntime', object);
  return checked.ok ? [] : checked.errors.map(({ path, message }) => `${path} ${message}`);
}

describe('rules that hold', () => {
  test.each<[string, JsonValue]>([
    ['a name', { hosts: ['api.example.com'] }],
    ['a wildcard', { hosts: ['*.example.org'] }],
    ['any public host', { hosts: ['*'] }],
    [
      'a Service',
      { hosts: ['orders', 'orders.shop.svc.cluster.local', '10.96.0.0/12'], schemes: ['http'], ports: [8080] },
    ],
    ['addresses', { hosts: ['192.0.2.1', '2001:db8::1', '2001:db8::/32', '::1', '0.0.0.0/0'] }],
    ['a name that begins with digits', { hosts: ['1.2.3.example', '3com.example'] }],
    [
      'a header from a Secret',
      {
        hosts: ['a.example'],
        headers: [{ name: 'x', valueFrom: { prefix: 'Bearer ', secretKeyRef: { name: 'api', key: 'token' } } }],
      },
    ],
    [
      'all fields',
      {
        name: 'api',
        hosts: ['a.example'],
        schemes: ['https', 'http'],
        ports: [1, 65535],
        methods: ['GET', 'PROPFIND'],
        paths: ['/', '/v1/*', '/%2F'],
        tenants: ['acme'],
        headers: [{ name: 'X-Key', value: 'a b' }],
      },
    ],
  ])('%s', (_, rule) => expect(problems(rule)).toEqual([]));
});

describe('rules that do not hold', () => {
  test.each<[string, JsonValue, string]>([
    ['no hosts', {}, 'spec.egress[0].hosts is required'],
    ['an empty list of hosts', { hosts: [] }, 'spec.egress[0].hosts must name at least one host'],
    ['a URL', { hosts: ['https://a.example'] }, 'spec.egress[0].hosts[0]'],
    ['a port behind the name', { hosts: ['a.example:443'] }, 'spec.egress[0].hosts[0]'],
    ['capitals, which no parsed URL has', { hosts: ['A.example'] }, 'spec.egress[0].hosts[0]'],
    ['a trailing dot', { hosts: ['a.example.'] }, 'spec.egress[0].hosts[0]'],
    ['a wildcard in the middle', { hosts: ['a.*.example'] }, 'spec.egress[0].hosts[0]'],
    ['a wildcard inside a label', { hosts: ['*a.example'] }, 'spec.egress[0].hosts[0]'],
    ['a name that is no punycode', { hosts: ['bücher.example'] }, 'spec.egress[0].hosts[0]'],
    [
      'an address that a URL parser reads otherwise',
      { hosts: ['127.1'] },
      'spec.egress[0].hosts[0] must be an IP address or a CIDR',
    ],
    ['an octal address', { hosts: ['0177.0.0.1'] }, 'spec.egress[0].hosts[0] must be an IP address or a CIDR'],
    ['a hexadecimal address', { hosts: ['0x7f000001'] }, 'spec.egress[0].hosts[0] must be an IP address or a CIDR'],
    [
      'a prefix that is too long',
      { hosts: ['10.0.0.0/33'] },
      'spec.egress[0].hosts[0] must be an IP address or a CIDR',
    ],
    ['IPv6 in brackets', { hosts: ['[::1]'] }, 'spec.egress[0].hosts[0]'],
    ['IPv4-mapped IPv6', { hosts: ['::ffff:10.0.0.1'] }, 'spec.egress[0].hosts[0] must be an IP address or a CIDR'],
    ['another scheme', { hosts: ['a.example'], schemes: ['ftp'] }, 'spec.egress[0].schemes[0]'],
    ['no scheme', { hosts: ['a.example'], schemes: [] }, 'spec.egress[0].schemes must name at least one scheme'],
    ['port 0', { hosts: ['a.example'], ports: [0] }, 'spec.egress[0].ports[0]'],
    ['a method in lower case', { hosts: ['a.example'], methods: ['get'] }, 'spec.egress[0].methods[0]'],
    [
      'CONNECT',
      { hosts: ['a.example'], methods: ['CONNECT'] },
      'spec.egress[0].methods[0] must not be CONNECT, TRACE or TRACK',
    ],
    ['a path without its slash', { hosts: ['a.example'], paths: ['v1'] }, 'spec.egress[0].paths[0]'],
    ['a query', { hosts: ['a.example'], paths: ['/v1?a'] }, 'spec.egress[0].paths[0]'],
    [
      'a header for any host',
      { hosts: ['a.example', '*'], headers: [{ name: 'x', value: 'y' }] },
      'spec.egress[0].hosts a rule with headers must name its hosts',
    ],
    [
      'a header of the connection',
      { hosts: ['a.example'], headers: [{ name: 'Host', value: 'b' }] },
      'spec.egress[0].headers[0].name must not be a header that belongs to the connection',
    ],
    [
      'a header with a line break',
      { hosts: ['a.example'], headers: [{ name: 'x', value: 'a\r\nb: c' }] },
      'spec.egress[0].headers[0].value',
    ],
    [
      'a header name with a colon',
      { hosts: ['a.example'], headers: [{ name: 'x:', value: 'a' }] },
      'spec.egress[0].headers[0].name',
    ],
    [
      'a header without a value',
      { hosts: ['a.example'], headers: [{ name: 'x' }] },
      'exactly one of value and valueFrom must be set',
    ],
    [
      'a header with two values',
      {
        hosts: ['a.example'],
        headers: [{ name: 'x', value: 'a', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } }],
      },
      'exactly one of value and valueFrom must be set',
    ],
    [
      'two headers of one name',
      {
        hosts: ['a.example'],
        headers: [
          { name: 'x', value: 'a' },
          { name: 'x', value: 'b' },
        ],
      },
      'spec.egress[0].headers[1]',
    ],
    ['an unknown field', { hosts: ['a.example'], port: 443 }, 'spec.egress[0].port'],
  ])('%s', (_, rule, expected) => {
    expect(problems(rule)).toEqual(expect.arrayContaining([expect.stringContaining(expected)]));
  });
});
