import { describe, expect, test } from '@jest/globals';
import type { EgressRule } from '../../../../src/api/types.generated.ts';
import { matchRule, readRules } from '../../../../src/runtime/egress/rules.ts';

const rule = (fields: Partial<EgressRule>): EgressRule => ({
  hosts: ['api.example.com'],
  schemes: ['https'],
  ...fields,
});

/** The name of the rule that applies, or why none does. */
function verdict(rules: Partial<EgressRule>[], url: string, { method = 'GET', tenant = 'acme' } = {}): string {
  const found = matchRule(readRules(rules.map(rule)), { url: new URL(url), method, tenant });
  return 'rule' in found ? found.rule.name : found.refusal;
}

describe('hosts of a rule', () => {
  test.each([
    [['api.example.com'], 'https://api.example.com/', true],
    [['api.example.com'], 'https://API.Example.COM/', true],
    [['api.example.com'], 'https://example.com/', false],
    [['api.example.com'], 'https://a.api.example.com/', false],
    [['api.example.com'], 'https://api.example.com.evil.example/', false],
    [['api.example.com'], 'https://api.example.com./', false],
    [['api.example.com'], 'https://api.example.com@evil.example/', false],
    [['api.example.com'], 'https://apiXexample.com/', false],
    [['*.example.org'], 'https://a.example.org/', true],
    [['*.example.org'], 'https://a.b.example.org/', true],
    [['*.example.org'], 'https://example.org/', false],
    [['*.example.org'], 'https://aexample.org/', false],
    [['xn--bcher-kva.example'], 'https://bücher.example/', true],
    [['*'], 'https://anything.example/', true],
    [['*'], 'https://192.0.2.1/', true],
    [['192.0.2.1'], 'https://192.0.2.1/', true],
    [['192.0.2.1'], 'https://0xc0000201/', true],
    [['192.0.2.0/24'], 'https://3221225985/', true],
    [['192.0.2.0/24'], 'https://192.0.3.1/', false],
    [['192.0.2.0/24'], 'https://[::ffff:192.0.2.1]/', true],
    [['2001:db8::/32'], 'https://[2001:DB8:0::1]/', true],
    [['2001:db8::/32'], 'https://[2001:db9::1]/', false],
    [['10.0.0.0/8'], 'https://ten.example/', false],
  ])('%j, %s: %p', (hosts, url, expected) => {
    expect(verdict([{ name: 'it', hosts }], url)).toEqual(
      expected ? 'it' : expect.stringContaining('no egress rule allows'),
    );
  });
});

describe('the rule that applies', () => {
  test('is the first that allows the request', () => {
    const rules = [
      { name: 'read', methods: ['GET'] },
      { name: 'write', methods: ['POST'], paths: ['/v1/*'] },
      { name: 'all' },
    ];
    expect(verdict(rules, 'https://api.example.com/v1/a')).toBe('read');
    expect(verdict(rules, 'https://api.example.com/v1/a', { method: 'POST' })).toBe('write');
    expect(verdict(rules, 'https://api.example.com/v2/a', { method: 'POST' })).toBe('all');
  });

  test('is called by its first host without a name', () => {
    expect(verdict([{}], 'https://api.example.com/')).toBe('api.example.com');
  });
});

describe('what no rule allows is refused with words', () => {
  test.each<[string, Partial<EgressRule>[], string, object, string]>([
    ['without rules', [], 'https://api.example.com/', {}, 'no egress rule allows api.example.com:443; see spec.egress'],
    [
      'another port',
      [{}],
      'https://api.example.com:8443/',
      {},
      'no egress rule allows GET https://api.example.com:8443/: rule api.example.com allows port 443 only; see spec.egress',
    ],
    [
      'plain HTTP',
      [{}],
      'http://api.example.com/',
      {},
      'no egress rule allows GET http://api.example.com/: rule api.example.com allows https only; see spec.egress',
    ],
    [
      'a method',
      [{ methods: ['GET', 'HEAD'] }],
      'https://api.example.com/',
      { method: 'POST' },
      'no egress rule allows POST https://api.example.com/: rule api.example.com allows GET, HEAD; see spec.egress',
    ],
    [
      'a method in lower case',
      [{ methods: ['PATCH'] }],
      'https://api.example.com/',
      { method: 'patch' },
      'no egress rule allows patch https://api.example.com/: rule api.example.com allows PATCH; see spec.egress',
    ],
    [
      'a path',
      [{ paths: ['/v1/*'] }],
      'https://api.example.com/v2?q',
      {},
      'no egress rule allows GET https://api.example.com/v2: rule api.example.com allows /v1/*; see spec.egress',
    ],
    [
      'a tenant, of whose rules nothing is said',
      [{ tenants: ['globex'] }],
      'https://api.example.com/',
      {},
      'no egress rule allows api.example.com:443; see spec.egress',
    ],
    ['a scheme', [{ hosts: ['*'] }], 'ftp://api.example.com/', {}, 'URL scheme "ftp" is not supported'],
  ])('%s', (_, rules, url, asked, expected) => expect(verdict(rules, url, asked)).toBe(expected));
});

describe('ports', () => {
  test.each<[Partial<EgressRule>, string, boolean]>([
    [{ schemes: ['http'] }, 'http://api.example.com/', true],
    [{ schemes: ['http'] }, 'http://api.example.com:443/', false],
    [{ schemes: ['https', 'http'] }, 'http://api.example.com:443/', false],
    [{ ports: [8443] }, 'https://api.example.com:8443/', true],
    [{ ports: [8443] }, 'https://api.example.com/', false],
    [{ ports: [443] }, 'https://api.example.com:443/', true],
  ])('%j, %s: %p', (fields, url, expected) => {
    expect(verdict([{ name: 'it', ...fields }], url) === 'it').toBe(expected);
  });
});

describe('paths', () => {
  test.each([
    ['/v1/*', '/v1/', true],
    ['/v1/*', '/v1/a/b', true],
    ['/v1/*', '/v1', false],
    ['/v1/*', '/V1/a', false],
    ['/v1', '/v1', true],
    ['/v1', '/v1/', false],
    ['/*/items', '/a/b/items', true],
    ['/*/items', '/a/items/b', false],
    ['/a*b*c', '/aXbYc', true],
    ['/a*b*c', '/abc', true],
    ['/a*bc*c', '/abc', false],
    ['/repos/*', '/repos/group%2Fproject', true],
    // The URL parser resolves these before they are compared.
    ['/v1/*', '/v1/../admin', false],
    ['/v1/*', '/v1/%2e%2e/admin', false],
    // These it leaves, and a server may resolve them.
    ['/v1/*', '/v1/..%2fadmin', false],
    ['/v1/*', '/v1/%2e%2e%2fadmin', false],
    ['/v1/*', '/v1/%252e%252e%252fadmin', false],
    ['/v1/*', '/v1/%25252e%25252e/admin', false],
    ['/v1/*', '/v1/..%5cadmin', false],
    ['/v1/*', '/v1/..;/admin', false],
    ['/v1/*', '/v1/a%00', false],
    ['/v1/*', '/v1/..a', true],
  ])('%s, %s: %p', (pattern, path, expected) => {
    expect(verdict([{ name: 'it', paths: [pattern] }], `https://api.example.com${path}`) === 'it').toBe(expected);
  });

  test('a pattern of many wildcards is compared at once', () => {
    const pattern = `/${'*a'.repeat(400)}b`;
    expect(verdict([{ name: 'it', paths: [pattern] }], `https://api.example.com/${'a'.repeat(8000)}`)).not.toBe('it');
  });
});
