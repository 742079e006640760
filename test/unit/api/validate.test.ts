import { describe, expect, test } from '@jest/globals';
import { checkRules } from '../../../src/api/cel.ts';
import type { JsonValue } from '../../../src/api/json.ts';
import { validateObject } from '../../../src/api/validate.ts';

const execution = (spec: JsonValue, status?: JsonValue): JsonValue => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptExecution',
  metadata: { name: 'a', namespace: 'acme' },
  spec,
  ...(status === undefined ? {} : { status }),
});

describe('an object that is validated', () => {
  test('is not changed', () => {
    const object = execution({ source: '1', limits: { timeout: null }, params: { a: [null] } });
    const before = structuredClone(object);
    const validated = validateObject('ScriptExecution', object);
    expect(object).toEqual(before);
    expect(validated.ok && validated.object.spec.params).toEqual({ a: [null] });
    expect(validated.ok && validated.object.spec.params).not.toBe((object as { spec: { params: object } }).spec.params);
  });

  test('loses nulls that mean nothing, and gets the default for those that have one', () => {
    const validated = validateObject(
      'ScriptExecution',
      execution({ source: '1', limits: null, language: null, runtimeRef: {} }),
    );
    expect(validated.ok && validated.object.spec).toEqual({
      runtimeRef: { name: 'default' },
      language: 'JavaScript',
      source: '1',
      backoffLimit: 0,
      priority: 0,
      suspend: false,
      cancel: false,
    });
  });

  test('has its status checked only where it is asked for', () => {
    const object = execution({ source: '1' }, { run: 0 });
    expect(validateObject('ScriptExecution', object).ok).toBe(true);
    expect(validateObject('ScriptExecution', object, { status: true })).toMatchObject({
      ok: false,
      errors: [{ path: 'status.run', message: 'must be at least 1, not 0' }],
    });
  });

  test('may not take a run back', () => {
    const at = (run: number) => execution({ source: '1' }, { run });
    const check = (run: number, old: number) =>
      validateObject('ScriptExecution', at(run), { status: true, old: at(old) });
    expect(check(2, 1).ok).toBe(true);
    expect(check(2, 2).ok).toBe(true);
    expect(check(1, 2)).toMatchObject({ errors: [{ path: 'status.run', message: 'must not decrease, not 1' }] });
  });

  test.each<[JsonValue]>([[null], [5], ['x'], [[]]])('is an object, not %j', (value) => {
    expect(validateObject('ScriptRuntime', value)).toMatchObject({ ok: false, errors: [{ path: '' }] });
  });

  test('cannot reach what objects inherit', () => {
    const spec = JSON.parse('{"source":"1","__proto__":{"sourceFrom":{}},"constructor":1,"toString":2}') as JsonValue;
    const validated = validateObject('ScriptExecution', execution(spec));
    expect(validated.ok === false && validated.errors.map(({ path }) => path)).toEqual([
      'spec.__proto__',
      'spec.constructor',
      'spec.toString',
    ]);
  });

  test('may use any word as a key', () => {
    const labels = JSON.parse('{"constructor":"a","__proto__":"b","size":"c"}') as JsonValue;
    const object = {
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptRuntime',
      metadata: { name: 'a' },
      spec: { template: { metadata: { labels } } },
    };
    const validated = validateObject('ScriptRuntime', object);
    expect(validated.ok && JSON.stringify(validated.object.spec.template?.metadata?.labels)).toBe(
      JSON.stringify(labels),
    );
  });

  test('may repeat no condition', () => {
    const condition = {
      type: 'Ready',
      status: 'True',
      reason: 'X',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const object = execution({ source: '1' }, { conditions: [condition, { ...condition, status: 'False' }] });
    expect(validateObject('ScriptExecution', object, { status: true })).toMatchObject({
      errors: [{ path: 'status.conditions[1]', message: 'has the same type as an entry before' }],
    });
  });
});

describe('a CEL rule', () => {
  const rule = (text: string, type: 'string' | 'integer' = 'string') => ({
    type,
    'x-kubernetes-validations': [{ rule: text }],
  });

  test.each<[string, JsonValue, string[]]>([
    ["isQuantity(self) && quantity(self).compareTo(quantity('1Ki')) == 0", '1024', []],
    ["quantity(self).compareTo(quantity('1')) < 0", '999m', []],
    ["duration(self) == duration('90m')", '1h30m', []],
    ["self == 'b'", 'a', ['failed rule: self == \'b\', not "a"']],
    [
      "quantity(self).compareTo(quantity('1')) > 0",
      'x',
      ['quantity() cannot read "x" evaluating rule: quantity(self).compareTo(quantity(\'1\')) > 0'],
    ],
  ])('%s of %j', (text, value, expected) => {
    expect(checkRules(rule(text), value, []).map(({ message }) => message)).toEqual(expected);
  });

  test('that calls what Kubernetes has and this does not is a bug, not a pass', () => {
    const [error] = checkRules(rule("self.format('x')"), 'a', []);
    expect(error?.message).toContain('evaluating rule');
  });

  test('says nothing where the schema has spoken', () => {
    expect(checkRules(rule("self == 'b'"), 'a', [[]])).toEqual([]);
  });
});
