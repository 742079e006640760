import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeExecution } from '../../../src/api/defaults.ts';
import { canonicalJson, runDigest, sourceDigest } from '../../../src/api/digest.ts';
import type { JsonValue } from '../../../src/api/json.ts';

const metadata = { name: 'a', namespace: 'acme' };
const spec = (fields: Record<string, JsonValue>) => makeExecution(metadata, { source: '1', ...fields }).spec;

describe('canonical JSON (RFC 8785)', () => {
  test('the example of section 3.2.2', () => {
    const value = JSON.parse(
      String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
    );
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test('the sorting example of section 3.2.3', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(value)))).toHaveLength(7);
    const order = [...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map((match) => match[1]);
    expect(order).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  // Appendix B: IEEE 754 bits and their representation.
  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('the number %s is %s', (bits, expected) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(expected);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { '\udc00': 1 }])('%p has no canonical JSON', (value) => {
    expect(() => canonicalJson(value as JsonValue)).toThrow(TypeError);
  });

  test('equals the value, and is independent of the order of members', () => {
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('the digest of a run', () => {
  test('never changes for the same spec', () => {
    expect(runDigest(spec({}))).toBe('v1:33265c8745d6030deb7af6632bdb0798040a6dcdf1631e2e088769ffd7b5ebe3');
  });

  test.each<[string, Record<string, JsonValue>]>([
    ['runtimeRef', { runtimeRef: { name: 'other' } }],
    ['language', { language: 'TypeScript' }],
    ['source', { source: '2' }],
    ['params', { params: { a: 1 } }],
    ['params set to null', { params: null }],
    ['env', { env: [] }],
    ['context', { context: { tenant: { id: 'x' } } }],
    ['limits', { limits: { timeout: '1s' } }],
    ['rerunToken', { rerunToken: 'again' }],
  ])('changes with %s', (_, fields) => {
    expect(runDigest(spec(fields))).not.toBe(runDigest(spec({})));
  });

  test.each<[string, Record<string, JsonValue>]>([
    ['suspend', { suspend: true }],
    ['cancel', { cancel: true }],
    ['priority', { priority: 5 }],
    ['backoffLimit', { backoffLimit: 3 }],
    ['ttlSecondsAfterFinished', { ttlSecondsAfterFinished: 60 }],
    ['startingDeadlineSeconds', { startingDeadlineSeconds: 60 }],
    ['a field that a later version adds', { later: true }],
    ['a default written out', { language: 'JavaScript', runtimeRef: { name: 'default' } }],
  ])('does not change with %s', (_, fields) => {
    expect(runDigest(spec(fields))).toBe(runDigest(spec({})));
  });
});

test('the digest of a source is the SHA-256 of its UTF-8', () => {
  expect(sourceDigest('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
