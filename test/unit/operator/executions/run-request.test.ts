import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import { runtimeLimits } from '../../../../src/api/limits.ts';
import type { RunRequest } from '../../../../src/api/pod-protocol.ts';
import { runRequest } from '../../../../src/api/run-request.ts';
import type { ScriptFiles } from '../../../../src/api/script-files.ts';
import { limitsOf } from '../../../../src/operator/executions/runtime-of.ts';
import { readRunRequest } from '../../../../src/runtime/server/run-request.ts';
import { execution, type Parts } from './objects.ts';

const RUNTIME = defaultRuntime('default', 'acme');
const LIMITS = runtimeLimits(RUNTIME.spec.limits);

const INLINE: ScriptFiles = { files: {}, imports: {} };

const requestOf = (parts?: Parts, files = INLINE): RunRequest => {
  const object = execution(parts);
  return runRequest(object, object.spec, { files, limits: LIMITS, env: undefined });
};

describe('the run request', () => {
  test('is readable by a pod', () => {
    const request = requestOf();
    expect(readRunRequest(Buffer.from(JSON.stringify(request)))).toEqual(request);
  });

  test('has defaults for params and tenant, and a new request id', () => {
    const [one, other] = [requestOf(), requestOf()];
    expect(one).toMatchObject({
      name: 'hello.js',
      params: {},
      tenantKey: 'acme/acme',
      context: { tenant: { id: 'acme', name: 'acme' }, execution: { id: 'uid-1', type: 'one_off' } },
    });
    expect(one.context.requestID).not.toBe(other.context.requestID);
  });

  test.each([[null], [[]], [0], ['']])('keeps params of %j', (params) => {
    expect(requestOf({ spec: { params } }).params).toEqual(params);
  });

  test('separates tenants of one namespace, and equal names in two namespaces', () => {
    const context = { tenant: { id: 'b/c' } };
    const one = requestOf({ spec: { context } });
    const other = requestOf({ spec: { context }, metadata: { namespace: 'globex' } });
    expect([one.tenantKey, other.tenantKey]).toEqual(['acme/b/c', 'globex/b/c']);
  });

  test('has a file name for its language', () => {
    expect(requestOf({ spec: { language: 'TypeScript' } }).name).toBe('hello.ts');
  });

  test.each<[string, ScriptFiles, Partial<RunRequest>]>([
    [
      'a key of a ConfigMap',
      { ...INLINE, script: { text: '2' } },
      { source: '2', name: 'hello.js', language: 'JavaScript' },
    ],
    [
      'all keys of a ConfigMap, in the language of the main one’s ending',
      { ...INLINE, script: { name: 'main.ts', text: '2' }, files: { 'lib.ts': '3' } },
      { files: { 'main.ts': '2', 'lib.ts': '3' }, imports: {}, name: 'main.ts', language: 'TypeScript' },
    ],
    [
      'a ConfigMap with one key',
      { ...INLINE, script: { name: 'main.mjs', text: '2' } },
      { source: '2', name: 'main.mjs', language: 'JavaScript' },
    ],
    [
      'an inline script on a runtime with imports',
      { files: { '@runtime/vat/vat.ts': '3' }, imports: { vat: '@runtime/vat/vat.ts' } },
      {
        files: { 'hello.js': '1 + 1', '@runtime/vat/vat.ts': '3' },
        imports: { vat: '@runtime/vat/vat.ts' },
        name: 'hello.js',
      },
    ],
    [
      'keys that are properties of objects',
      {
        ...INLINE,
        script: { name: '__proto__', text: '2' },
        files: JSON.parse('{"constructor":"3"}') as Record<string, string>,
      },
      { name: '__proto__', files: JSON.parse('{"constructor":"3","__proto__":"2"}') as Record<string, string> },
    ],
  ])('has %s', (_, files, expected) => {
    const request = requestOf({}, files);
    expect(request).toMatchObject(expected);
    expect('source' in request).toBe('source' in expected);
    expect(readRunRequest(Buffer.from(JSON.stringify(request)))).toEqual(request);
  });
});

describe('the limits of a run', () => {
  test('are those of the runtime, lowered by the execution', () => {
    expect(limitsOf(execution({ spec: { limits: { timeout: '2s' } } }), RUNTIME)).toEqual({
      ...LIMITS,
      timeoutMs: 2000,
    });
  });

  test('are those of the runtime if these are now lower than the execution’s', () => {
    expect(limitsOf(execution({ spec: { limits: { timeout: '1h' } } }), RUNTIME)).toEqual(LIMITS);
  });

  test('are undefined without a runtime', () => {
    expect(limitsOf(execution(), undefined)).toBeUndefined();
  });
});
