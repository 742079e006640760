import { describe, expect, test } from '@jest/globals';
import { runDigest } from '../../../src/api/digest.ts';
import {
  type EnvVar,
  envOf,
  referencesDigest,
  unmetReferences,
  unmetText,
  valuePath,
  valueReferences,
} from '../../../src/api/env.ts';

const secret = (name: string, from: string, optional?: boolean): EnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: from, key: 'k', ...(optional === undefined ? {} : { optional }) } },
});
const plain = (name: string, value: string): EnvVar => ({ name, value });

describe('the variables of an execution', () => {
  test.each<[string, readonly (EnvVar & { tenants?: string[] })[], readonly EnvVar[], readonly EnvVar[]]>([
    ['are none where none are declared', [], [], []],
    [
      'are those of its runtime, then its own',
      [plain('A', '1')],
      [plain('B', '2')],
      [plain('A', '1'), plain('B', '2')],
    ],
    ['own ones replace those of the runtime', [secret('A', 's')], [plain('A', '2')], [plain('A', '2')]],
    [
      'are those of its tenant',
      [
        { ...plain('A', '1'), tenants: ['other'] },
        { ...plain('B', '2'), tenants: ['acme'] },
      ],
      [],
      [plain('B', '2')],
    ],
    ['of one name, the last counts', [plain('A', '1'), secret('A', 's')], [], [secret('A', 's')]],
    [
      'one before an optional one stays, as its value may be missing',
      [plain('A', '1'), secret('A', 's', true)],
      [],
      [plain('A', '1'), secret('A', 's', true)],
    ],
    [
      'one for a tenant replaces one for all',
      [secret('A', 'all'), { ...secret('A', 'acme'), tenants: ['acme'] }],
      [],
      [secret('A', 'acme')],
    ],
  ])('%s', (_, runtime, own, expected) => {
    expect(envOf(runtime as never, own, 'acme')).toEqual(expected);
  });
});

describe('what keeps an execution from starting', () => {
  test.each<[string, readonly EnvVar[], readonly string[], string]>([
    ['nothing, with all values', [secret('A', 's')], ['s'], ''],
    [
      'a value that does not exist',
      [secret('A', 's'), secret('B', 't')],
      ['t'],
      'env.A: Secret "s" with key "k" does not exist',
    ],
    ['nothing, where the value is optional', [secret('A', 's', true)], [], ''],
    ['nothing, where a later one exists', [secret('A', 's'), secret('A', 't', true)], ['t'], ''],
    [
      'an earlier one, where an optional one does not exist',
      [secret('A', 's'), secret('A', 't', true)],
      [],
      'env.A: Secret "s" with key "k" does not exist',
    ],
  ])('%s', (_, env, existing, expected) => {
    expect(unmetText(unmetReferences(env, ({ name }) => existing.includes(name)))).toBe(expected);
  });
});

test('references of a runtime are listed once each, in order, and their digest is of all', () => {
  const env = [
    secret('A', 's'),
    secret('B', 's', true),
    plain('C', '1'),
    { name: 'D', valueFrom: { configMapKeyRef: { name: 's', key: 'k' } } },
  ];
  const references = valueReferences({ env } as never);
  expect(references.map(valuePath)).toEqual(['secrets/s/k', 'configmaps/s/k']);
  expect(referencesDigest(references)).toMatch(/^[0-9a-f]{16}$/);
  expect(referencesDigest(references)).not.toBe(referencesDigest(references.slice(1)));
  expect(referencesDigest([])).toBeUndefined();
});

describe('the digest of what is run', () => {
  const spec = { source: '1', env: [plain('A', '1'), plain('B', '2')] };
  test('changes with a variable of the execution', () => {
    expect(runDigest({ ...spec, env: [plain('A', '1'), plain('B', '3')] })).not.toBe(runDigest(spec));
    expect(runDigest({ source: '1' })).not.toBe(runDigest(spec));
  });
  test('does not depend on the order of variables', () => {
    expect(runDigest({ ...spec, env: spec.env.toReversed() })).toBe(runDigest(spec));
  });
});

test('the values that egress rules refer to are mounted too', () => {
  const secretKeyRef = { name: 'api', key: 'token' };
  const egress = [{ hosts: ['a.example'], schemes: ['https'], headers: [{ name: 'x', valueFrom: { secretKeyRef } }] }];
  expect(valueReferences({ egress } as never)).toEqual([{ kind: 'Secret', ...secretKeyRef }]);
});
