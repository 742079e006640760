import { describe, expect, test } from '@jest/globals';
import { defaultRuntime, makeExecution } from '../../../src/api/defaults.ts';
import type { JsonObject, JsonValue } from '../../../src/api/json.ts';
import { fileScript } from '../../../src/cli/input/script-text.ts';
import type { Task } from '../../../src/cli/input/workload.ts';
import { type Overrides, paramsOf } from '../../../src/cli/run/option-values.ts';
import { withOverrides } from '../../../src/cli/run/overrides.ts';
import { withheld } from '../../../src/cli/run/withheld.ts';
import { GivenValues } from '../../../src/runtime/env/value-source.ts';

const NONE: Overrides = { params: undefined, paramKeys: {}, env: [], context: undefined, limits: {} };

function task(spec: JsonObject, implicitRuntime = true, runtime = defaultRuntime('default', 'ns')): Task {
  const execution = makeExecution({ name: 'x', namespace: 'ns', uid: 'u' }, { source: '1', ...spec });
  return {
    execution,
    script: fileScript('x.js', '1', false, { execution, runtime: undefined, configMaps: new Map() }),
    runtime,
    implicitRuntime,
    values: new GivenValues({}),
  };
}

describe('--param', () => {
  test.each<[string, JsonObject]>([
    ['a=1', { a: 1 }],
    ['a=true', { a: true }],
    ['a=null', { a: null }],
    ['a={"b":[1]}', { a: { b: [1] } }],
    ['a="1"', { a: '1' }],
    ['a=text', { a: 'text' }],
    ['a=', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=007', { a: '007' }],
  ])('%s', (pair, params) => {
    expect(paramsOf([pair])).toEqual(params);
  });

  test('uses the last value of a key, and has no special case for __proto__', () => {
    expect(paramsOf(['a=1', 'a=2'])).toEqual({ a: 2 });
    expect(Object.keys(paramsOf(['__proto__=1']))).toEqual(['__proto__']);
  });

  test.each(['a', '=1', ''])('refuses %j', (pair) => {
    expect(() => paramsOf([pair])).toThrow('key=value');
  });

  test.each([101, 20_000])('refuses JSON with %j levels', (levels) => {
    expect(() => paramsOf([`a=${'['.repeat(levels)}${']'.repeat(levels)}`])).toThrow('nests deeper than 100 levels');
  });
});

describe('params of options', () => {
  test.each<[string, JsonValue | undefined, Partial<Overrides>, JsonValue | undefined]>([
    ['no option has no effect', { a: 1 }, {}, { a: 1 }],
    ['a file is merged key by key', { a: 1, b: { c: 1 } }, { params: { b: { d: 2 } } }, { a: 1, b: { d: 2 } }],
    ['a file without an object replaces params', { a: 1 }, { params: [1] }, [1]],
    ['keys are merged over the file', { a: 1 }, { params: { b: 1 }, paramKeys: { b: 2 } }, { a: 1, b: 2 }],
    ['keys create an object if there is none', undefined, { paramKeys: { a: 1 } }, { a: 1 }],
  ])('%s', (_, own, overrides, expected) => {
    const { execution } = withOverrides(task(own === undefined ? {} : { params: own }), { ...NONE, ...overrides });
    expect(execution.spec.params).toEqual(expected);
  });

  test('a context is merged field by field', () => {
    const own = { tenant: { id: 'a', name: 'A' }, requestID: 'r' };
    const over = { tenant: { name: 'B' }, user: { id: 'u' } };
    const { execution } = withOverrides(task({ context: own }), { ...NONE, context: over });
    expect(execution.spec.context).toEqual({ tenant: { id: 'a', name: 'B' }, user: { id: 'u' }, requestID: 'r' });
  });
});

describe('limits of options', () => {
  test.each<[string, JsonObject, boolean, string, unknown, string]>([
    ['lower the default', {}, true, '1s', { timeout: '1s' }, '1s'],
    ['raise the default', {}, true, '1m', undefined, '1m'],
    ['lower those of the manifest', { limits: { timeout: '5s' } }, true, '1s', { timeout: '1s' }, '1s'],
    ['do not raise those of the manifest', { limits: { timeout: '500ms' } }, true, '1s', { timeout: '500ms' }, '1s'],
    ["lower a ScriptRuntime's", {}, false, '1s', { timeout: '1s' }, '30s'],
    ["do not raise a ScriptRuntime's", {}, false, '1m', undefined, '30s'],
  ])('%s', (_, spec, implicit, timeout, limits, ceiling) => {
    const result = withOverrides(task(spec, implicit), { ...NONE, limits: { timeout } });
    expect(result.execution.spec.limits).toEqual(limits);
    expect(result.runtime.spec.limits.timeout).toBe(ceiling);
    expect(withheld(result)).toBeUndefined();
  });
});

describe('an execution does not start', () => {
  const choosy = defaultRuntime('choosy', 'ns');
  choosy.spec.tenants = ['a'];

  test.each<[string, Task, string | undefined]>([
    ['not: it starts by default', task({}), undefined],
    ['if it is cancelled', task({ cancel: true, suspend: true }), 'Cancelled'],
    ['if it is suspended', task({ suspend: true }), 'Suspended'],
    ['if its tenant is not admitted', task({}, false, choosy), 'TenantRefused'],
    ['not: its tenant is admitted', task({ context: { tenant: { id: 'a' } } }, false, choosy), undefined],
    ['if it exceeds the limits', task({ limits: { memory: '1Gi' } }), 'LimitsRefused'],
    [
      'if its params are nested too deep',
      task({ params: JSON.parse('['.repeat(150) + ']'.repeat(150)) }),
      'LimitsRefused',
    ],
  ])('%s', (_, given, reason) => {
    expect(withheld(given)?.reason).toBe(reason);
  });
});
