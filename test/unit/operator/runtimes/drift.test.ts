import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { covers } from '../../../../src/operator/runtimes/drift.ts';

describe('an object is as it should be', () => {
  test.each<[string, unknown, unknown, boolean]>([
    ['where it is the same', { a: 1, b: ['x'] }, { a: 1, b: ['x'] }, true],
    ['where others have added fields', { a: 1, b: 2 }, { a: 1 }, true],
    ['where others have added fields deep in it', { a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 1 } } }, true],
    ['where others have added fields to what stands in a list', { a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }, true],
    ['not where others have added to a list', { a: ['x', 'y'] }, { a: ['x'] }, false],
    ['not where a list is in another order', { a: ['y', 'x'] }, { a: ['x', 'y'] }, false],
    ['not where a field is missing', {}, { a: 1 }, false],
    ['not where a field is another', { a: 2 }, { a: 1 }, false],
    ['not where a number has become a text', { a: '1' }, { a: 1 }, false],
    ['not where a list has become an object', { a: { 0: 'x', length: 1 } }, { a: ['x'] }, false],
    ['not where an object has become a list', { a: [] }, { a: {} }, false],
    ['where an empty object is left out', {}, { a: {} }, true],
    ['where an empty list is left out', {}, { a: [] }, true],
    ['where an empty text is left out', {}, { a: '' }, true],
    ['not where a no is left out: what is not said may mean yes', {}, { a: false }, false],
    [
      'where a no is left out that can mean nothing else',
      {},
      { hostNetwork: false, hostPID: false, hostIPC: false },
      true,
    ],
    ['not where its node’s network is let in', { hostNetwork: true }, { hostNetwork: false }, false],
    ['not where a zero is left out', {}, { a: 0 }, false],
    [
      'where a quantity is written otherwise',
      { resources: { limits: { cpu: '1', memory: '1Gi', gpu: '2' } } },
      { resources: { limits: { cpu: '1000m', memory: '1024Mi', gpu: 2 } } },
      true,
    ],
    [
      'not where a quantity is another',
      { resources: { limits: { cpu: '1' } } },
      { resources: { limits: { cpu: '1m' } } },
      false,
    ],
    ['not where a quantity is missing', { resources: { limits: {} } }, { resources: { limits: { cpu: '1' } } }, false],
    ['not where what is no quantity is written otherwise', { tag: '1.0' }, { tag: '1' }, false],
    ['not where a list should be empty', { a: ['x'] }, { a: [] }, false],
    ['where an empty object has got fields of others', { a: { b: 1 } }, { a: {} }, true],
    ['where null is null', { a: null }, { a: null }, true],
    ['not where null is nothing', {}, { a: null }, false],
    ['not where a field should not be known', { a: 1 }, { a: undefined }, false],
    ['where a field that is nobody’s is not there', {}, { a: undefined }, true],
  ])('%s', (_, actual, wanted, expected) => {
    expect(covers(actual, wanted)).toBe(expected);
  });

  const json = fc.jsonValue();
  test('where it is what is wanted, whatever that is', () => {
    fc.assert(fc.property(json, (value) => covers(value, structuredClone(value))));
  });

  test('however many fields others add to its objects', () => {
    const added = (value: unknown, more: unknown): unknown => {
      if (Array.isArray(value)) return value.map((item) => added(item, more));
      if (value === null || typeof value !== 'object') return value;
      const fields = Object.entries(value).map(([name, field]) => [name, added(field, more)]);
      return { ...Object.fromEntries(fields), 'added-by-others': more };
    };
    fc.assert(fc.property(json, json, (value, more) => covers(added(value, more), value)));
  });

  test('not where any of its values is another', () => {
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
