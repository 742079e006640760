import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import { runtimeLimits } from '../../../../src/api/limits.ts';
import { limitsOf, runRequest } from '../../../../src/operator/executions/run-request.ts';
import { readRunRequest } from '../../../../src/runtime/server/run-request.ts';
import { execution } from './objects.ts';

const RUNTIME = defaultRuntime('default', 'acme');
const LIMITS = runtimeLimits(RUNTIME.spec.limits);

describe('what a pod is sent', () => {
  test('is what a pod can read', () => {
    const request = runRequest(execution(), '1 + 1', LIMITS);
    expect(readRunRequest(Buffer.from(JSON.stringify(request)))).toEqual(request);
  });

  test('has what its author left out: params, tenant, and a fresh id of the request', () => {
    const [one, other] = [runRequest(execution(), '1', LIMITS), runRequest(execution(), '1', LIMITS)];
    expect(one).toMatchObject({
      name: 'hello.js',
      params: {},
      tenantKey: 'acme/acme',
      context: { tenant: { id: 'acme', name: 'acme' }, execution: { id: 'uid-1', type: 'one_off' } },
    });
    expect(one.context.requestID).not.toBe(other.context.requestID);
  });

  test.each([[null], [[]], [0], ['']])('keeps params of %j', (params) => {
    expect(runRequest(execution({ spec: { params } }), '1', LIMITS).params).toEqual(params);
  });

  test('keeps tenants of one namespace apart, and those of one name in two namespaces', () => {
    const context = { tenant: { id: 'b/c' } };
    const one = runRequest(execution({ spec: { context } }), '1', LIMITS);
    const other = runRequest(execution({ spec: { context }, metadata: { namespace: 'globex' } }), '1', LIMITS);
    expect([one.tenantKey, other.tenantKey]).toEqual(['acme/b/c', 'globex/b/c']);
  });

  test('is named for its language', () => {
    expect(runRequest(execution({ spec: { language: 'TypeScript' } }), '1', LIMITS).name).toBe('hello.ts');
  });
});

describe('its limits', () => {
  test('are its runtime’s, lowered by its own', () => {
    expect(limitsOf(execution({ spec: { limits: { timeout: '2s' } } }), RUNTIME)).toEqual({
      ...LIMITS,
      timeoutMs: 2000,
    });
  });

  test('are its runtime’s where that gives less by now than it asked for', () => {
    expect(limitsOf(execution({ spec: { limits: { timeout: '1h' } } }), RUNTIME)).toEqual(LIMITS);
  });

  test('are not known without a runtime', () => {
    expect(limitsOf(execution(), undefined)).toBeUndefined();
  });
});
