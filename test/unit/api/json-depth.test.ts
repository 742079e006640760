import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkRules } from '../../../src/api/cel.ts';
import { schemaOf } from '../../../src/api/crd.ts';
import { makeExecution } from '../../../src/api/defaults.ts';
import { canonicalJson, runDigest } from '../../../src/api/digest.ts';
import type { JsonValue } from '../../../src/api/json.ts';
import { nestsTooDeep, textNestsTooDeep } from '../../../src/api/json-depth.ts';
import { storableJson } from '../../../src/api/storable-json.ts';
import { validateObject } from '../../../src/api/validate.ts';

const listsText = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const objectsText = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
/** Far deeper than recursive code can handle. */
const DEEP = 20_000;

describe('the nesting depth of JSON', () => {
  test.each<[string, string, boolean]>([
    ['a scalar', '1', false],
    ['100 lists', listsText(100), false],
    ['101 lists', listsText(101), true],
    ['100 objects', objectsText(100), false],
    ['101 objects', objectsText(101), true],
    ['brackets in a string', JSON.stringify('['.repeat(200)), false],
    ['brackets behind an escaped quote', JSON.stringify(`"${'['.repeat(200)}`), false],
    ['brackets behind a backslash at the end of a string', `["\\\\",${listsText(100)}]`, true],
    ['a thousand adjacent lists', `[${Array(1000).fill('[]').join()}]`, false],
    ['lists without end', listsText(DEEP), true],
  ])('%s', (_, json, isTooDeep) => {
    expect(textNestsTooDeep(json)).toBe(isTooDeep);
    expect(nestsTooDeep(JSON.parse(json))).toBe(isTooDeep);
  });

  test('text and value agree', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), fc.nat(8), (value, maxDepth) => {
        expect(textNestsTooDeep(JSON.stringify(value), maxDepth)).toBe(nestsTooDeep(value, maxDepth));
      }),
    );
  });

  test('a cyclic value nests too deep; a value referenced twice counts once', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    let doubled: unknown = [];
    for (let i = 0; i < 99; i++) doubled = [doubled, doubled];
    expect(nestsTooDeep(circle)).toBe(true);
    expect(nestsTooDeep(doubled)).toBe(false);
  });

  test('invalid JSON text is checked in one pass', () => {
    expect(textNestsTooDeep('"'.repeat(1 << 20))).toBe(false);
    expect(textNestsTooDeep(`"${'\\"'.repeat(1 << 20)}`)).toBe(false);
  });
});

describe('extremely deep JSON', () => {
  const params = JSON.parse(listsText(DEEP)) as JsonValue;
  const execution = makeExecution({ name: 'deep', namespace: 'acme' }, { source: '1', params });

  test('has defaults, canonical JSON and a digest', () => {
    expect(canonicalJson(params)).toBe(listsText(DEEP));
    expect(canonicalJson(JSON.parse(objectsText(DEEP)))).toBe(objectsText(DEEP));
    expect(runDigest(execution.spec)).toMatch(/^v1:[0-9a-f]{64}$/);
  });

  test('can be made storable', () => {
    expect(canonicalJson(storableJson(JSON.parse(objectsText(DEEP))))).toBe(objectsText(DEEP));
  });

  test.each(['params', 'context', 'limits', 'unknown'])('is validated in spec.%s', (field) => {
    const object = { ...execution, spec: { source: '1', [field]: params } } as unknown as JsonValue;
    expect(() => validateObject('ScriptExecution', object)).not.toThrow();
  });

  test('is validated in metadata', () => {
    const metadata = { name: 'deep', labels: params, managedFields: params };
    const object = { apiVersion: 'copepod.dev/v1alpha1', kind: 'ScriptExecution', metadata, spec: { source: '1' } };
    expect(validateObject('ScriptExecution', object).ok).toBe(false);
  });

  test('is checked by transition rules', () => {
    const object = execution as unknown as JsonValue;
    expect(checkRules(schemaOf('ScriptExecution'), object, [], object)).toEqual([]);
  });
});
