import { describe, expect, test } from '@jest/globals';
import { referencesDigest, valueReferences } from '../../../../src/api/env.ts';
import type { ScriptRuntimeEnv } from '../../../../src/api/types.generated.ts';
import { hasValues, neededValues, valuesProblem } from '../../../../src/cluster/pods/pod-values.ts';

const secret = (name: string, optional = false): ScriptRuntimeEnv => ({
  name,
  valueFrom: { secretKeyRef: { name: name.toLowerCase(), key: 'k', optional } },
});
const env: ScriptRuntimeEnv[] = [
  secret('A'),
  { ...secret('B'), tenants: ['acme'] },
  secret('C', true),
  { name: 'D', value: 'd' },
];
const digest = referencesDigest(valueReferences({ env })) as string;
const pod = (...missing: number[]) => ({ values: { digest, missing } });
const needed = (tenant: string, own: { name: string; value: string }[] = []) => neededValues({ env }, own, tenant);

describe('a pod has what an execution needs', () => {
  test.each<[string, object, string, boolean]>([
    ['all values', pod(), 'acme', true],
    ['a missing value', pod(0), 'other', false],
    ['a missing value of another tenant', pod(1), 'other', true],
    ['a missing value of its tenant', pod(1), 'acme', false],
    ['a missing optional value', pod(2), 'acme', true],
    ['other references', { values: { digest: 'other', missing: [] } }, 'acme', false],
    ['nothing mounted', {}, 'acme', false],
    ['positions that do not exist', pod(17), 'acme', true],
  ])('%s', (_, values, tenant, expected) => {
    expect(hasValues(values, needed(tenant))).toBe(expected);
  });

  test('nothing is needed without references, or where the execution has its own', () => {
    expect(neededValues({ env: [{ name: 'D', value: 'd' }] }, [], 'acme')).toBeUndefined();
    expect(neededValues({ env: [secret('A')] }, [{ name: 'A', value: 'own' }], 'acme')).toBeUndefined();
    expect(hasValues({}, undefined)).toBe(true);
    expect(hasValues(pod(0), needed('other', [{ name: 'A', value: 'own' }]))).toBe(true);
  });
});

describe('why no pod has the values', () => {
  test.each<[string, object[], string | undefined]>([
    ['one has them', [pod(0), pod()], undefined],
    [
      'all miss one',
      [pod(0, 1)],
      'env.A: Secret "a" with key "k" does not exist; env.B: Secret "b" with key "k" does not exist: the execution waits for it.',
    ],
    [
      'all have other references',
      [{}],
      'The pods have been started with another env: the execution waits for new pods.',
    ],
  ])('%s', (_, pods, expected) => {
    expect(valuesProblem(pods, needed('acme'))).toBe(expected);
  });
});
