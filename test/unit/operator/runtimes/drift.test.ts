import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { covers } from '../../../../src/operator/runtimes/drift.ts';

describe('an object has no drift', () => {
  test.each<[string, unknown, unknown, boolean]>([
    ['if it is equal', { a: 1, b: ['x'] }, { a: 1, b: ['x'] }, true],
    ['if others have added fields', { a: 1, b: 2 }, { a: 1 }, true],
    ['if others have added nested fields', { a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 1 } } }, true],
    ['if others have added fields to a list item', { a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }, true],
    ['not if others have added a list item', { a: ['x', 'y'] }, { a: ['x'] }, false],
    ['not if a list has another order', { a: ['y', 'x'] }, { a: ['x', 'y'] }, false],
    ['not if a field is missing', {}, { a: 1 }, false],
    ['not if a field differs', { a: 2 }, { a: 1 }, false],
    ['not if a number is a string', { a: '1' }, { a: 1 }, false],
    ['not if a list is an object', { a: { 0: 'x', length: 1 } }, { a: ['x'] }, false],
    ['not if an object is a list', { a: [] }, { a: {} }, false],
    ['if an empty object is omitted', {}, { a: {} }, true],
    ['if an empty list is omitted', {}, { a: [] }, true],
    ['if an empty string is omitted', {}, { a: '' }, true],
    ['not if a false is omitted, as the default may be true', {}, { a: false }, false],
    ['if a false is omitted whose default is false', {}, { hostNetwork: false, hostPID: false, hostIPC: false }, true],
    ['not if hostNetwork was set', { hostNetwork: true }, { hostNetwork: false }, false],
    ['not if a zero is omitted', {}, { a: 0 }, false],
    [
      'if a quantity is written in another form',
      { resources: { limits: { cpu: '1', memory: '1Gi', gpu: '2' } } },
      { resources: { limits: { cpu: '1000m', memory: '1024Mi', gpu: 2 } } },
      true,
    ],
    [
      'not if a quantity differs',
      { resources: { limits: { cpu: '1' } } },
      { resources: { limits: { cpu: '1m' } } },
      false,
    ],
    ['not if a quantity is missing', { resources: { limits: {} } }, { resources: { limits: { cpu: '1' } } }, false],
    ['not if another string is written in another form', { tag: '1.0' }, { tag: '1' }, false],
    ['not if a list should be empty', { a: ['x'] }, { a: [] }, false],
    ['if an empty object has fields of others', { a: { b: 1 } }, { a: {} }, true],
    ['if null is null', { a: null }, { a: null }, true],
    ['not if null is missing', {}, { a: null }, false],
    ['not if a field should be undefined', { a: 1 }, { a: undefined }, false],
    ['if an undefined field is missing', {}, { a: undefined }, true],
  ])('%s', (_, actual, wanted, expected) => {
    expect(covers(actual, wanted)).toBe(expected);
  });

  const json = fc.jsonValue();
  test('if it is equal, for any value', () => {
    fc.assert(fc.property(json, (value) => covers(value, structuredClone(value))));
  });

  test('with any fields added to its objects', () => {
    const added = (value: unknown, more: unknown): unknown => {
      if (Array.isArray(value)) return value.map((item) => added(item, more));
      if (value === null || typeof value !== 'object') return value;
      const fields = Object.entries(value).map(([name, field]) => [name, added(field, more)]);
      return { ...Object.fromEntries(fields), 'added-by-others': more };
    };
    fc.assert(fc.property(json, json, (value, more) => covers(added(value, more), value)));
  });

  test('not if any value differs', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer(), { minKeys: 1 }), fc.nat(), (wanted, at) => {
        const names = Object.keys(wanted);
        const name = names[at % names.length] as string;
        const actual = { ...wanted };
        Object.defineProperty(actual, name, { value: (wanted[name] as number) + 1, enumerable: true });
        return !covers(actual, wanted);
      }),
    );
  });
});
